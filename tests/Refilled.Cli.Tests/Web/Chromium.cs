using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Refilled.Cli.Tests.Web;

/// <summary>A browser without a window, driven over its own protocol for tools.</summary>
internal sealed class Chromium : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string profile = Directory.CreateTempSubdirectory("refilled-chromium-").FullName;
    private readonly Process process;
    private readonly ClientWebSocket socket = new();
    private int sent;
    private string? session;

    private Chromium(string program)
    {
        // It resolves no name and has no proxy that works: whatever it asked of a network would fail.
        process = Process.Start(new ProcessStartInfo(program, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--proxy-server=127.0.0.1:9", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
            { RedirectStandardError = true })!;
    }

    /// <summary>Opens a page; the test is skipped where there is no such browser.</summary>
    public static async Task<Chromium> OpenAsync(string page)
    {
        var program = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("needs Chromium (apt-get install chromium), which is not here");
        var browser = new Chromium(program);
        try
        {
            await browser.ConnectAsync(page);
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>The value of an expression of JavaScript.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await AskAsync("Runtime.evaluate", new { expression = $"String({expression})" });
        return answer["result"]?["value"]?.GetValue<string>() ?? "";
    }

    /// <summary>Waits until an expression has one of some values.</summary>
    public async Task<string> WaitAsync(string expression, params string[] values)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; await Task.Delay(100))
            if (await EvaluateAsync(expression) is var value && values.Contains(value)) return value;
        throw new TimeoutException($"{expression} is {await EvaluateAsync(expression)}, not one of {string.Join(", ", values)}");
    }

    /// <summary>Chooses a file in the page's form.</summary>
    public async Task ChooseAsync(string selector, string file)
    {
        var document = await AskAsync("DOM.getDocument", new { });
        var node = await AskAsync("DOM.querySelector", new { nodeId = document["root"]!["nodeId"]!.GetValue<int>(), selector });
        await AskAsync("DOM.setFileInputFiles", new { files = new[] { file }, nodeId = node["nodeId"]!.GetValue<int>() });
    }

    public void Dispose()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(profile, recursive: true);
    }

    private async Task ConnectAsync(string page)
    {
        using var late = new CancellationTokenSource(Patience);
        const string listening = "DevTools listening on ";
        string? line;
        do line = await process.StandardError.ReadLineAsync(late.Token) ?? throw new InvalidOperationException("Chromium has ended.");
        while (!line.StartsWith(listening, StringComparison.Ordinal));
        _ = process.StandardError.ReadToEndAsync();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new Uri(line[listening.Length..]), late.Token);
        var target = await AskAsync("Target.createTarget", new { url = new Uri(page).AbsoluteUri });
        var attached = await AskAsync("Target.attachToTarget", new { targetId = target["targetId"]!.GetValue<string>(), flatten = true });
        session = attached["sessionId"]!.GetValue<string>();
        await AskAsync("DOM.enable", new { });
    }

    private async Task<JsonNode> AskAsync(string method, object parameters)
    {
        using var late = new CancellationTokenSource(Patience);
        var id = ++sent;
        var request = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters) };
        if (session is not null) request["sessionId"] = session;
        await socket.SendAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), WebSocketMessageType.Text, true, late.Token);
        for (; ; )
        {
            using var message = new MemoryStream();
            var part = new byte[1 << 16];
            WebSocketReceiveResult got;
            do message.Write(part, 0, (got = await socket.ReceiveAsync(part, late.Token)).Count);
            while (!got.EndOfMessage);
            var answer = JsonNode.Parse(message.ToArray())!;
            if (answer["id"]?.GetValue<int>() != id) continue; // An event.
            return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]}");
        }
    }
}
