using System.CommandLine;
using System.Net;
using Refilled.Cli.Serving;
using Refilled.Deploy;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled serve</c>: an exported network behind HTTP.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("network") { Description = "An exported .onnx." };
        var host = Options.Text("--host", "address",
            "Address to listen on (127.0.0.1: this machine alone). Beyond it there is neither a password nor TLS.", otherwise: "127.0.0.1");
        var port = Options.Number("--port", "n", "Port to listen on (8080).", otherwise: 8080, least: 1, most: 65535);
        var bytes = Options.Number("--most-mib", "n", "Most MiB of an image file (16).", otherwise: 16, least: 1, most: 1024);
        var pixels = Options.Number("--most-megapixels", "n", "Most million pixels of an image (50).", otherwise: 50, least: 1, most: 200);
        var queue = Options.Number("--queue", "n", "Requests that are in hand at once; more are told to come again (64).", otherwise: 64,
            least: 1, most: 10_000);
        var patience = Options.Number("--timeout", "seconds", "How long a request may take (30).", otherwise: 30, least: 1, most: 3600);
        var threads = Options.Number("--threads", "n", "Threads of a pass through the network (0: one for each core).", otherwise: 0,
            least: 0, most: 1024);
        var command = new Command("serve", "Classify images over HTTP with an exported network, until Ctrl-C: POST /classify (the image as "
            + "the body or as a form's file; ?top=n) answers in JSON; GET / has the classes, GET /health says that it works.")
            { model, port, host, bytes, pixels, queue, patience, threads };
        command.SetAction(async (parsed, cancel) =>
        {
            var options = new ServeOptions
            {
                Host = Address(parsed.GetValue(host)!), Port = parsed.GetValue(port), MostBytes = (long)parsed.GetValue(bytes) << 20,
                Queue = parsed.GetValue(queue), Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
            };
            using var classifier = ExportedClassifier.Open(parsed.GetValue(model)!, new ClassifierOptions
            {
                Threads = parsed.GetValue(threads), MostBytes = options.MostBytes, MostPixels = parsed.GetValue(pixels) * 1_000_000L,
            });
            await using var server = await ClassifyServer.StartAsync(classifier, options, cancel);
            terminal.Print($"{classifier.Network}, {classifier.ClassNames.Count} classes, on {server.Address}classify. Ctrl-C stops it.");
            await terminal.Out.FlushAsync(cancel);
            if (!IPAddress.IsLoopback(options.Host))
                terminal.Error.WriteLine("It listens beyond this machine: whoever reaches it may use it.");
            await LocalWeb.UntilStoppedAsync(cancel);
            return ExitCode.Done;
        });
        return command;
    }

    private static IPAddress Address(string host) => host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : throw new InputException($"--host {host} is no address: 127.0.0.1 is this machine alone, 0.0.0.0 all that reach it.");
}
