using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;
using Refilled.Cli;
using Refilled.Cli.Tests;
using Refilled.Cli.Watch;
using Refilled.Tests.Reports;
using Refilled.Tests.Support;

namespace Refilled.Browser.Tests;

public sealed class WatchPageTests(TrainedRuns runs, Browser browser) : IClassFixture<TrainedRuns>, IClassFixture<Browser>
{
    private readonly CancellationToken cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Runs_are_listed_opened_and_compared_and_all_can_use_it(ColorScheme scheme)
    {
        await using var server = await WatchServer.StartAsync(runs.Folder.Path, 0, cancel);
        await using var watched = await browser.OpenAsync(scheme);
        var page = watched.Page;
        await page.GotoAsync(server.Address.AbsoluteUri);
        await page.GetByRole(AriaRole.Link, new() { Name = "lkd", Exact = true }).WaitForAsync();
        Assert.Equal(3, await page.Locator("#folders tbody tr").CountAsync());
        await watched.MustBeAccessible();

        await page.Locator("#words").FillAsync("student done");
        Assert.Equal(2, await page.Locator("#folders tbody tr").CountAsync()); // The teacher's method is "student", too.
        await page.Locator("#words").FillAsync("");
        await page.GetByLabel("compare lkd").CheckAsync();
        await page.GetByLabel("compare student").CheckAsync();
        await page.GetByText("Compare two").ClickAsync();
        await page.GetByText("The second over the first").WaitForAsync();
        Assert.Contains("method was \"lkd\", is \"student\"", await page.Locator("#one").TextContentAsync(), StringComparison.Ordinal);
        await watched.MustBeAccessible();

        await page.GotoAsync(new Uri(server.Address, "#run=lkd").AbsoluteUri);
        await page.GetByText("Look at its images").ClickAsync();
        await page.Locator("#triplets, #mistakes").First.WaitForAsync();
        await watched.MustBeAccessible();
        watched.MustBeQuiet();
    }

    [Fact]
    public async Task An_image_is_asked_about_by_student_and_teacher()
    {
        await using var server = await WatchServer.StartAsync(runs.Folder.Path, 0, cancel);
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync(new Uri(server.Address, "#run=lkd").AbsoluteUri);
        var image = Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images/plain.png");
        // As a drop: the browser lets no script make one from a file's name.
        var transfer = await page.EvaluateHandleAsync("""
            bytes => { const all = new DataTransfer(); all.items.add(new File([Uint8Array.from(atob(bytes), one => one.charCodeAt(0))],
                'plain.png', { type: 'image/png' })); return all; }
            """, Convert.ToBase64String(await File.ReadAllBytesAsync(image, cancel)));
        await page.Locator("#drop").WaitForAsync();
        await page.DispatchEventAsync("#drop", "drop", new { dataTransfer = transfer });
        await page.Locator(".answers table").WaitForAsync();
        Assert.Equal(3, await page.Locator(".answers table tr").CountAsync());
        Assert.Equal(12, await page.Locator(".answers .tiles img").CountAsync());
        Assert.Contains("by the teacher (wrn-10-1)", await page.Locator(".answers").TextContentAsync(), StringComparison.Ordinal);

        await page.SetInputFilesAsync("#file", runs.Folder.Write("text.png", "no image"));
        await page.Locator(".answers .error").WaitForAsync();
        Assert.Contains("can't be used", await page.Locator(".answers").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_trains_is_seen_to_go_on()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WatchServer.StartAsync(folder.Path, 0, cancel);
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync(server.Address.AbsoluteUri);
        await page.GetByText("There is no run in this folder yet.").WaitForAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var training = Task.Run(() => Run(ExitCode.Interrupted, stop.Token, "distill", "--data", TrainedRuns.Data, "--method", "student",
            "--student", "wrn-10-1", "--classes", "easy:student@0", "--epochs", "100000", "--precision", "fp32", "--out", folder["run"]),
            cancel);
        await page.Locator(".state.training").WaitForAsync(new() { Timeout = 60_000 });
        await page.GetByRole(AriaRole.Link, new() { Name = "run", Exact = true }).ClickAsync();
        await page.Locator("#curves svg").First.WaitForAsync();
        async Task<string> Drawn() => await page.Locator("#curves").InnerHTMLAsync();
        var before = await Drawn();
        for (var watch = Stopwatch.StartNew(); await Drawn() == before; await Task.Delay(100, cancel))
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "the curves don't grow");
        await stop.CancelAsync();
        await training;
        await page.Locator("#one .state.stopped").WaitForAsync(new() { Timeout = 60_000 });
        watched.MustBeQuiet();
    }

    [Fact]
    public async Task Two_hundred_runs_open_at_once_and_long_ones_are_drawn_without_a_halt()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 200; i++)
            MadeUpRun.Write(folder, $"table/run-{i}", i % 2 == 0 ? "lkd" : "student", seed: i, right: [true, false], epochs: 50);
        MadeUpRun.Write(folder, "long", epochs: 25_000); // Two points of each epoch.
        await using var server = await WatchServer.StartAsync(folder.Path, 0, cancel);
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.AddInitScriptAsync("""
            window.halts = [];
            new PerformanceObserver(all => all.getEntries().forEach(one => halts.push(one.duration)))
                .observe({ type: 'longtask', buffered: true });
            """);
        var watch = Stopwatch.StartNew();
        await page.GotoAsync(server.Address.AbsoluteUri);
        await page.Locator("text=run-199").First.WaitForAsync();
        var opened = watch.Elapsed;
        await page.EvaluateAsync("halts.length = 0");
        watch.Restart();
        await page.GetByRole(AriaRole.Link, new() { Name = "long", Exact = true }).ClickAsync();
        await page.Locator("#curves svg").First.WaitForAsync();
        await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        var painted = watch.Elapsed;
        var halts = await page.EvaluateAsync<double[]>("halts");
        TestContext.Current.TestOutputHelper?.WriteLine($"opened {opened}, painted {painted}, halts {string.Join(' ', halts)} ms");
        Assert.InRange(opened, TimeSpan.Zero, TimeSpan.FromSeconds(2 * Patience));
        Assert.InRange(painted, TimeSpan.Zero, TimeSpan.FromSeconds(1 * Patience));
        Assert.All(halts, halt => Assert.InRange(halt, 0, 100 * Patience));
    }

    [Fact]
    public async Task Who_lacks_the_secret_or_asks_for_more_is_refused()
    {
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(runs.Folder.Path)!, "outside.txt"), "outside");
        await using var server = await WatchServer.StartAsync(runs.Folder.Path, 0, cancel);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        async Task<HttpStatusCode> Status(string path, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path)) { Headers = { Host = host } };
            using var answer = await client.SendAsync(request, cancel);
            return answer.StatusCode;
        }
        var secret = server.Address.AbsolutePath;
        Assert.Equal(HttpStatusCode.OK, await Status(secret));
        Assert.Equal(HttpStatusCode.OK, await Status(secret[..^1])); // It leads to the page.
        foreach (var path in new[] { "/", "/events", "/run?id=lkd", $"/{new string('0', 48)}/", $"{secret[..^2]}/", $"{secret[..^1]}x/" })
            Assert.Equal(HttpStatusCode.Forbidden, await Status(path));
        // A page elsewhere that has its name point here.
        Assert.Equal(HttpStatusCode.Forbidden, await Status(secret, "evil.example"));
        foreach (var id in new[] { "..", "../lkd", "%2e%2e%2foutside.txt", "/etc", "lkd/../../outside.txt", "lkd/recipe.yaml", "" })
            Assert.Equal(HttpStatusCode.NotFound, await Status($"{secret}run?id={id}"));
        foreach (var path in new[] { "recipe.yaml", "../outside.txt", "%2e%2e/outside.txt", "lkd/recipe.yaml" })
            Assert.Contains(await Status(secret + path), new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
        Assert.Contains("no folder", (await Run(ExitCode.BadInput, "watch", runs.Folder["nowhere"])).Error, StringComparison.Ordinal);
    }

    /// <summary>How much slower than a quiet machine this one may be; its cores may be shared.</summary>
    private static int Patience => int.TryParse(Environment.GetEnvironmentVariable("REFILLED_TEST_PATIENCE"), out var times) ? times : 3;
}
