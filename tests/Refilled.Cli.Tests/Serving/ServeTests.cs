using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Refilled.Cli.Bench;
using Refilled.Cli.Serving;
using Refilled.Deploy;
using Refilled.Deploy.Tests;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>The server as its user meets it: over HTTP, on a free port.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ImageClassifier classifier;
    // A proxy that the environment names must not see what is asked of 127.0.0.1.
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });

    public ServeTests()
    {
        ExportedStudent.Write(folder["student.onnx"]).Network.Dispose();
        classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1, MostPixels = 1_000_000 });
    }

    public void Dispose()
    {
        http.Dispose();
        classifier.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_classified_as_a_body_and_as_a_form()
    {
        await using var server = await Start();
        var image = MadeUpJpegs.Make(1, 60, 45)[0];
        var expected = classifier.Classify(image);

        var (status, answer) = await Post(server, new ByteArrayContent(image), "?top=3");
        Assert.Equal(HttpStatusCode.OK, status);
        var classes = answer.GetProperty("classes").EnumerateArray().ToList();
        Assert.Equal(expected.Top(3).Select(one => one.Name), classes.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(expected.Probability, classes[0].GetProperty("probability").GetDouble(), 1e-5);

        using var form = new MultipartFormDataContent { { new ByteArrayContent(image), "image", "photo.jpg" } };
        (status, answer) = await Post(server, form);
        Assert.Equal((HttpStatusCode.OK, 5), (status, answer.GetProperty("classes").GetArrayLength()));
    }

    [Fact]
    public async Task It_says_what_it_is_and_that_it_works()
    {
        await using var server = await Start();
        var about = await Get(server, "/");
        Assert.Equal(ExportedStudent.ClassNames, about.GetProperty("classes").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal((classifier.Source, "wrn-10-1"), (about.GetProperty("source").GetString(), about.GetProperty("network").GetString()));
        Assert.Equal("ok", (await Get(server, "/health")).GetProperty("status").GetString());
        Assert.Equal("127.0.0.1", server.Address.Host);
    }

    [Fact]
    public async Task What_is_no_image_is_refused_with_the_reason()
    {
        await using var server = await Start();
        async Task Refused(HttpContent content, HttpStatusCode status, string why, string query = "")
        {
            var (found, answer) = await Post(server, content, query);
            Assert.Equal(status, found);
            Assert.Contains(why, answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
        var image = MadeUpJpegs.Make(1, 60, 45)[0];
        await Refused(new ByteArrayContent("hello"u8.ToArray()), HttpStatusCode.BadRequest, "is no JPEG");
        await Refused(new ByteArrayContent(image[..400]), HttpStatusCode.BadRequest, "truncated");
        await Refused(new ByteArrayContent([]), HttpStatusCode.BadRequest, "no image");
        await Refused(new ByteArrayContent(image), HttpStatusCode.BadRequest, "'top'", "?top=many");
        await Refused(new ByteArrayContent(File.ReadAllBytes(Path.Combine(Repository.Root,
            "tests/Refilled.Tests/Files/Images/absurd.png"))), HttpStatusCode.BadRequest, "million are read");
        var two = new MultipartFormDataContent
            { { new ByteArrayContent(image), "a", "a.jpg" }, { new ByteArrayContent(image), "b", "b.jpg" } };
        await Refused(two, HttpStatusCode.BadRequest, "2 files");
        var broken = new ByteArrayContent(image);
        broken.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        await Refused(broken, HttpStatusCode.BadRequest, "form");
        var (notFound, _) = await Post(server, new ByteArrayContent(image), "/else");
        Assert.Equal(HttpStatusCode.NotFound, notFound);
        // It is well all the same.
        Assert.Equal(HttpStatusCode.OK, (await Post(server, new ByteArrayContent(image))).Status);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_it_is_read()
    {
        await using var server = await Start(new ServeOptions { MostBytes = 5000 });
        foreach (var length in new[] { 5001, 200_000 })
        {
            var (status, answer) = await Post(server, new ByteArrayContent(new byte[length]));
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Contains("MiB", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Many_at_once_are_answered_in_few_passes()
    {
        await using var server = await Start();
        var images = MadeUpJpegs.Make(8, 60, 45);
        var expected = images.Select(image => classifier.Classify(image).Label).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Post(server, new ByteArrayContent(images[i % 8]))));
        for (var i = 0; i < 60; i++)
            Assert.Equal(expected[i % 8], answers[i].Answer.GetProperty("classes")[0].GetProperty("name").GetString());
        Assert.Equal(60, server.Done.Images);
    }

    [Fact]
    public async Task Those_that_wait_make_one_batch()
    {
        await using var queue = new ClassifyQueue(classifier, 100);
        var view = new byte[3 * 32 * 32];
        await Task.WhenAll(Enumerable.Range(0, 96).Select(_ => queue.ClassifyAsync(view, default)));
        Assert.Equal(96, queue.Done.Images);
        Assert.InRange(queue.Done.Passes, 3, 95);
    }

    [Fact]
    public async Task A_request_that_does_not_come_to_an_end_is_given_up_and_others_are_told_to_come_again()
    {
        await using var server = await Start(new ServeOptions { Queue = 1, Patience = TimeSpan.FromSeconds(3) });
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        var stream = slow.GetStream();
        await stream.WriteAsync("POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"u8.ToArray());
        var image = MadeUpJpegs.Make(1, 60, 45)[0];
        for (var i = 0; i < 300 && server.InHand == 0; i++) await Task.Delay(10);
        // The slow one is in hand, and there is no room for another.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Post(server, new ByteArrayContent(image))).Status);
        using var reader = new StreamReader(stream);
        Assert.Contains("503", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains("3 seconds", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Post(server, new ByteArrayContent(image))).Status);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        await using var server = await Start();
        var message = (await Assert.ThrowsAsync<InputException>(() => Start(new ServeOptions { Port = server.Address.Port }))).Message;
        Assert.Contains("--port", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_serves_until_it_is_interrupted()
    {
        var port = FreePort();
        using var command = CommandProcess.Start(["serve", folder["student.onnx"], "--port", $"{port}", "--threads", "1"]);
        HttpResponseMessage? health = null;
        for (var i = 0; i < 600 && health is null && !command.HasExited; i++)
        {
            await Task.Delay(100);
            try
            {
                health = await http.GetAsync($"http://127.0.0.1:{port}/health");
            }
            catch (HttpRequestException)
            {
                // not yet
            }
        }
        Assert.Equal(HttpStatusCode.OK, health?.StatusCode);
        health?.Dispose();
        command.Interrupt("TERM");
        var (code, output, error) = command.Wait();
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"http://127.0.0.1:{port}/classify", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.onnx", "127.0.0.1", "There is no file")]
    [InlineData("student.onnx", "everywhere", "no address")]
    public async Task What_can_not_be_served_ends_with_2(string model, string host, string said) =>
        Assert.Contains(said, (await Run(2, "serve", folder[model], "--host", host)).Error, StringComparison.Ordinal);

    private Task<ClassifyServer> Start(ServeOptions? options = null) =>
        ClassifyServer.StartAsync(classifier, options ?? new ServeOptions(), default);

    private async Task<(HttpStatusCode Status, JsonElement Answer)> Post(ClassifyServer server, HttpContent content, string query = "")
    {
        using var _ = content;
        using var response = await http.PostAsync(new Uri(server.Address, "classify" + query), content);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, answer.RootElement.Clone());
    }

    private async Task<JsonElement> Get(ClassifyServer server, string path)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(server.Address, path)));
        return answer.RootElement.Clone();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
