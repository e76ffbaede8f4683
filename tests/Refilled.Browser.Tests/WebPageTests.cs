using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Refilled.Cli.Bench;
using Refilled.Cli.Web;
using Refilled.Deploy;
using Refilled.Deploy.Tests;
using Refilled.Onnx;
using Refilled.Tests.Support;

namespace Refilled.Browser.Tests;

/// <summary>The page that classifies in the browser.</summary>
public sealed class WebPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
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
        await using var watched = await browser.OpenAsync();
        var shown = watched.Page;
        await shown.GotoAsync(new Uri(page).AbsoluteUri);
        Assert.Equal("ready", await StateAsync(shown, "ready"));

        using var classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1 });
        var oriented = Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images/oriented-6.jpg");
        File.WriteAllBytes(folder["photo.jpg"], MadeUpJpegs.Make(1, 90, 60)[0]);
        foreach (var image in new[] { folder["photo.jpg"], oriented })
        {
            await shown.SetInputFilesAsync("#file", image);
            Assert.Equal("done", await StateAsync(shown, "done"));
            var found = (await shown.Locator("#answers tr").EvaluateAllAsync<string[][]>(
                "rows => rows.map(row => [row.cells[0].textContent, row.dataset.probability])"))
                .Select(row => (Name: row[0], Probability: float.Parse(row[1], CultureInfo.InvariantCulture))).ToList();
            var expected = classifier.Classify(image).Top(5);
            Assert.Equal(expected[0].Name, found[0].Name);
            // The browser's decoder and the runtime's resampler round a pixel otherwise here and there.
            Assert.All(expected, one => Assert.Equal(one.Probability, found.Single(row => row.Name == one.Name).Probability, 0.02f));
            await shown.EvaluateAsync("delete document.body.dataset.state");
        }
        await shown.SetInputFilesAsync("#file", folder.Write("text.png", "no image"));
        Assert.Equal("failed", await StateAsync(shown, "done"));
        Assert.Contains("can't be used", await shown.Locator("#error").TextContentAsync(), StringComparison.Ordinal);
    }

    /// <summary>Waits until the page is in a state, or has failed.</summary>
    private static async Task<string> StateAsync(IPage page, string state)
    {
        await page.WaitForFunctionAsync("state => [state, 'failed'].includes(document.body?.dataset.state)", state,
            new PageWaitForFunctionOptions { Timeout = 120_000 });
        return await page.EvaluateAsync<string>("document.body.dataset.state");
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
