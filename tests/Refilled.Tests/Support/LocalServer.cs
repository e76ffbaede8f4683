using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Refilled.Tests.Support;

/// <summary>A web server on 127.0.0.1 that answers as a test tells it, properly or not.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Asked, Answer> answer;

    /// <summary>What a request asks for; <paramref name="Number"/> counts from 0.</summary>
    internal sealed record Asked(int Number, string Path, string? Range, string? IfRange)
    {
        /// <summary>The first byte that is asked for.</summary>
        public int Begin => Range is null ? 0 : int.Parse(Range["bytes=".Length..^1], CultureInfo.InvariantCulture);
    }

    /// <summary>What to send. <paramref name="Length"/> is the Content-Length: the body's own where null, none where negative.</summary>
    /// <param name="Status">The status code.</param>
    /// <param name="Body">The bytes.</param>
    /// <param name="Headers">More headers, "Name: value".</param>
    /// <param name="Length">See above.</param>
    /// <param name="Cut">After so many bytes of the body the connection is cut.</param>
    /// <param name="Silent">After the body (or the cut) the connection stays open, but nothing comes any more.</param>
    internal sealed record Answer(int Status, byte[] Body, string[] Headers, long? Length = null, int? Cut = null, bool Silent = false);

    // A proxy that the environment names must not see what is asked of 127.0.0.1.
    static LocalServer() => HttpClient.DefaultProxy = new WebProxy();

    public LocalServer(Func<Asked, Answer> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<Asked> Requests { get; } = [];

    /// <summary>The address of a path.</summary>
    public Uri this[string path] => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}");

    /// <summary>As a good server answers: the whole file, or the rest of it, or the whole where another version was begun.</summary>
    public static Answer Serve(Asked asked, byte[] file, string? tag = "\"v1\"")
    {
        string[] headers = tag is null ? [] : [$"ETag: {tag}"];
        if (asked.Range is null || asked.IfRange is { } version && version != tag) return new Answer(200, file, headers);
        if (asked.Begin >= file.Length) return new Answer(416, [], [$"Content-Range: bytes */{file.Length}"]);
        return new Answer(206, file[asked.Begin..], [.. headers, $"Content-Range: bytes {asked.Begin}-{file.Length - 1}/{file.Length}"]);
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (; ; ) _ = AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var token = stop.Token;
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync(token))!.Split(' ')[1];
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(token) is { Length: > 0 } line)
                headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            var asked = new Asked(Requests.Count, path, headers.GetValueOrDefault("Range"), headers.GetValueOrDefault("If-Range"));
            Requests.Enqueue(asked);

            var reply = answer(asked);
            var length = reply.Length ?? reply.Body.Length;
            string[] head = [$"HTTP/1.1 {reply.Status} x", .. reply.Headers, .. length < 0
                ? Array.Empty<string>() : [$"Content-Length: {length}"], "Connection: close", "", ""];
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", head)), token);
            await stream.WriteAsync(reply.Body.AsMemory(0, reply.Cut ?? reply.Body.Length), token);
            if (reply.Silent) await Task.Delay(Timeout.Infinite, token);
            client.Client.Shutdown(SocketShutdown.Send);
            // Until the other side has closed as well: closing first could take back what is still on its way.
            while (await stream.ReadAsync(new byte[256], token) > 0) { }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // the test is over, or the other side has gone
        }
    }
}
