using Microsoft.Playwright;
using Refilled.Cli.Tests;

namespace Refilled.Browser.Tests;

public sealed class ReportPageTests(TrainedRuns runs, Browser browser) : IClassFixture<TrainedRuns>, IClassFixture<Browser>
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_report_is_whole_by_itself_and_readable_for_all(ColorScheme scheme)
    {
        await using var watched = await browser.OpenAsync(scheme);
        var page = watched.Page;
        await page.GotoAsync(await Report($"{scheme}.html"));
        Assert.Contains("wrn-10-1", await page.TitleAsync(), StringComparison.Ordinal);
        foreach (var part in await page.Locator("nav a").AllAsync())
        {
            await part.ClickAsync();
            Assert.True(await page.Locator((await part.GetAttributeAsync("href"))!).IsVisibleAsync());
        }
        Assert.True(await page.Locator("img").EvaluateAllAsync<bool>("all => all.length > 0 && all.every(one => one.naturalWidth > 0)"));
        await watched.MustBeAccessible();
        watched.MustBeQuiet();
    }

    [Fact]
    public async Task The_map_shows_the_image_at_the_pointer_and_by_the_arrow_keys()
    {
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync(await Report("map.html"));
        var (map, hover) = (page.Locator(".map"), page.Locator(".hover"));
        Assert.False(await hover.IsVisibleAsync());
        await map.Locator("circle, polygon").First.HoverAsync(new LocatorHoverOptions { Force = true });
        await hover.WaitForAsync();
        var words = await hover.TextContentAsync();
        Assert.Matches("right|taken for", words!);

        await page.Mouse.MoveAsync(0, 0);
        await map.FocusAsync();
        var seen = new HashSet<int>();
        foreach (var key in new[] { "ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp" })
        {
            await page.Keyboard.PressAsync(key);
            seen.Add(await map.EvaluateAsync<int>(
                "one => [...one.querySelectorAll('circle, polygon')].findIndex(mark => mark.classList.contains('at'))"));
        }
        Assert.DoesNotContain(-1, seen);
        Assert.True(seen.Count > 2, string.Join(' ', seen));
        Assert.NotEqual("", await page.Locator("#map-words").TextContentAsync());
        watched.MustBeQuiet();
    }

    [Fact]
    public async Task On_paper_it_is_light_and_without_what_only_a_screen_has()
    {
        await using var watched = await browser.OpenAsync(ColorScheme.Dark);
        var page = watched.Page;
        await page.GotoAsync(await Report("paper.html"));
        const string paper = "getComputedStyle(document.body).backgroundColor";
        Assert.Equal("rgb(22, 25, 29)", await page.EvaluateAsync<string>(paper));
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>(paper));
        Assert.False(await page.Locator("nav").IsVisibleAsync());
    }

    private async Task<string> Report(string name)
    {
        await Run(0, "report", runs.Lkd, runs.Student, "--out", runs.Folder[name]);
        return new Uri(runs.Folder[name]).AbsoluteUri;
    }
}
