using System.IO.Compression;
using System.Text.Json;
using Refilled.Deploy;
using Refilled.Files;

namespace Refilled.Cli.Web;

/// <summary>One page of HTML that classifies images in the browser, with the network and the runtime in it.</summary>
/// <remarks>A page that is opened from a disk may not read the files beside it; so everything is within.</remarks>
internal static class WebPage
{
    public const string Name = "index.html";

    /// <summary>Writes the page.</summary>
    /// <param name="folder">Where to; it is made where it is missing.</param>
    /// <param name="model">An export that takes images of any size.</param>
    /// <param name="runtime">ONNX Runtime for browsers.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="InputException">The folder can't be written to, or the export can't be read.</exception>
    public static string Write(string folder, byte[] model, WebRuntime runtime)
    {
        using var classifier = ImageClassifier.Load(model);
        var facts = JsonSerializer.Serialize(
            new { network = classifier.Network, classes = classifier.ClassNames, runtime = WebRuntime.Version });
        var page = Template()
            .Replace("{{FACTS}}", facts, StringComparison.Ordinal)
            .Replace("{{RUNTIME}}", Packed(runtime.Module), StringComparison.Ordinal)
            .Replace("{{WASM}}", Packed(runtime.Wasm), StringComparison.Ordinal)
            .Replace("{{MODEL}}", Packed(model), StringComparison.Ordinal);
        var path = Path.Combine(folder, Name);
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                writer.Write(page);
            });
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be written: {e.Message}", e);
        }
    }

    private static string Template()
    {
        using var stream = typeof(WebPage).Assembly.GetManifestResourceStream("page.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(content);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}
