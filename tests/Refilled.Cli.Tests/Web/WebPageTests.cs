using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using Refilled.Cli.Bench;
using Refilled.Cli.Web;
using Refilled.Deploy;
using Refilled.Deploy.Tests;
using Refilled.Onnx;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests.Web;

/// <summary>The page that classifies in the browser.</summary>
public sealed class WebPageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_browser_says_what_Deploy_says()
    {
        var runtime = await Runtime();
        ExportedStudent.Write(folder["student.onnx"], 32, OnnxInput.AnySize).Network.Dispose();
        var page = WebPage.Write(folder["web"], File.ReadAllBytes(folder["student.onnx"]), runtime);
        Assert.Equal([page], Directory.GetFiles(folder["web"]));
        using var browser = await Chromium.OpenAsync(page);
        Assert.Equal("ready", await browser.WaitAsync("document.body?.dataset.state", "ready", "failed"));

        using var classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1 });
        var oriented = Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images/oriented-6.jpg");
        File.WriteAllBytes(folder["photo.jpg"], MadeUpJpegs.Make(1, 90, 60)[0]);
        foreach (var image in new[] { folder["photo.jpg"], oriented })
        {
            await browser.ChooseAsync("#file", image);
            Assert.Equal("done", await browser.WaitAsync("document.body?.dataset.state", "done", "failed"));
            var names = (await browser.EvaluateAsync(
                "[...document.querySelectorAll('#answers tr')].map(row => row.cells[0].textContent).join()")).Split(',');
            var probabilities = (await browser.EvaluateAsync(
                "[...document.querySelectorAll('#answers tr')].map(row => row.dataset.probability).join()")).Split(',');
            var expected = classifier.Classify(image).Top(5);
            var found = names.Zip(probabilities, (name, text) => (name, float.Parse(text, CultureInfo.InvariantCulture))).ToDictionary();
            Assert.Equal(expected[0].Name, names[0]);
            // The browser's decoder and the runtime's resampler round a pixel otherwise here and there.
            Assert.All(expected, one => Assert.Equal(one.Probability, found[one.Name], 0.02f));
            await browser.EvaluateAsync("delete document.body.dataset.state");
        }
        await browser.ChooseAsync("#file", folder.Write("text.png", "no image"));
        Assert.Equal("failed", await browser.WaitAsync("document.body?.dataset.state", "done", "failed"));
        Assert.Contains("can't be used", await browser.EvaluateAsync("document.querySelector('#error').textContent"),
            StringComparison.Ordinal);
    }

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

    /// <summary>By npm, once a machine; the test is skipped where it isn't.</summary>
    private static async Task<WebRuntime> Runtime()
    {
        try
        {
            return await WebRuntime.FindAsync(null, default);
        }
        catch (InputException e) when (e.Message.Contains("npm", StringComparison.Ordinal))
        {
            Assert.Skip(e.Message);
            throw new UnreachableException();
        }
    }
}
