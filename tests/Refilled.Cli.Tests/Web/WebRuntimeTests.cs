using System.Formats.Tar;
using System.IO.Compression;
using Refilled.Cli.Web;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests.Web;

/// <summary>ONNX Runtime for browsers, as it is found.</summary>
public sealed class WebRuntimeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_runtime_of_another_version_or_a_broken_one_is_refused()
    {
        async Task Refused(string place, string said) =>
            Assert.Contains(said, (await Assert.ThrowsAsync<InputException>(() => WebRuntime.FindAsync(place, default))).Message,
                StringComparison.Ordinal);
        Directory.CreateDirectory(folder["empty"]);
        await Refused(folder["empty"], "npm pack");
        await Refused(folder.Write("text.tgz", "no archive"), "no whole .tgz");
        folder.Write("other/dist/ort.wasm.bundle.min.mjs", "export default 1;");
        folder.Write("other/dist/ort-wasm-simd-threaded.wasm", "another");
        await Refused(folder["other"], "its SHA-256 is another");
        using (var file = File.Create(folder["other.tgz"]))
        using (var packed = new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(packed))
            tar.WriteEntry(folder["other", "dist", "ort.wasm.bundle.min.mjs"], "package/dist/ort.wasm.bundle.min.mjs");
        await Refused(folder["other.tgz"], "its SHA-256 is another");
        using (var file = File.Create(folder["lacking.tgz"]))
        using (var packed = new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(packed))
            tar.WriteEntry(folder["other", "dist", "ort.wasm.bundle.min.mjs"], "package/readme");
        await Refused(folder["lacking.tgz"], "it lacks");
    }
}
