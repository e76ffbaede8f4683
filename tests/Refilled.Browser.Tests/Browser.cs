using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Refilled.Browser.Tests;

/// <summary>A Chromium without a window, for all tests of a class.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A page of its own; the test is skipped where there is no such browser.</summary>
    internal async Task<WatchedPage> OpenAsync(ColorScheme scheme = ColorScheme.Light)
    {
        if (Programs.FirstOrDefault(File.Exists) is not { } program)
        {
            Assert.Skip("needs Chromium (apt-get install chromium), which is not here");
            throw new System.Diagnostics.UnreachableException();
        }
        playwright ??= await Playwright.CreateAsync();
        // As root it has no sandbox. What it asked of a network would fail: there is no such proxy.
        browser ??= await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                "--disable-component-update"],
            Proxy = new Proxy { Server = "http://127.0.0.1:9", Bypass = "<-loopback>,127.0.0.1" },
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce, ViewportSize = new ViewportSize { Width = 1000, Height = 800 },
        });
        return new WatchedPage(await context.NewPageAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>A page that is watched for what no page of ours does.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private static readonly string[] Within = ["file", "data", "blob", "about"];

    private readonly ConcurrentQueue<string> wrong = new();

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") wrong.Enqueue($"console: {message.Text}");
        };
        page.PageError += (_, error) => wrong.Enqueue($"error: {error}");
        page.Request += (_, request) =>
        {
            var asked = new Uri(request.Url);
            if (!Within.Contains(asked.Scheme) && !asked.IsLoopback) wrong.Enqueue($"asked {asked}");
        };
    }

    /// <summary>The page itself.</summary>
    public IPage Page { get; }

    /// <summary>Says what was wrong so far, if anything.</summary>
    public void MustBeQuiet() => Assert.True(wrong.IsEmpty, string.Join('\n', wrong));

    /// <summary>Checks what makes a page usable for those who can't see it, or use a mouse.</summary>
    public async Task MustBeAccessible()
    {
        var found = await Page.RunAxe();
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(one =>
            $"{one.Id}: {one.Help}: {string.Join("; ", one.Nodes.Take(5).Select(node => node.Html))}")));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
