using System.Xml.Linq;
using Refilled.Charts;
using SkiaSharp;

namespace Refilled.Tests.Charts;

/// <summary>One drawing, two kinds of files.</summary>
public class SheetTests
{
    [Fact]
    public void Every_mark_is_in_both_files()
    {
        var sheet = new Sheet(60, 40, "T & <title>", "what it shows");
        sheet.Add(new Area([(0, 0), (20, 0), (20, 20), (0, 20)], Ink.Vermilion, 1));
        sheet.Add(new Stroke([(0, 30), (60, 30)], Ink.Green, 4, Dash.None));
        sheet.Add(new Dot(50, 10, 6, Ink.Blue));
        foreach (var shape in Enum.GetValues<Shape>()) sheet.Add(new Dot(30, 10, 4, Ink.Purple, shape));
        sheet.Add(new Thumbnail(24, 20, 8, 8, Red()));
        sheet.Add(new Thumbnail(44, 20, 8, 8, Red()));
        sheet.Write(2, 38, "a < b");
        sheet.Write(58, 38, "upward", upward: true);

        var svg = XDocument.Parse(SvgSheet.Text(sheet)).Root!;
        var space = svg.Name.Namespace;
        Assert.Equal(("T & <title>", "what it shows"), ((string)svg.Element(space + "title")!, (string)svg.Element(space + "desc")!));
        Assert.Equal(["a < b", "upward"], svg.Elements(space + "text").Select(text => text.Value));
        Assert.Equal(2, svg.Elements(space + "circle").Count());
        Assert.Equal(4, svg.Elements(space + "polygon").Count());
        var image = Assert.Single(svg.Descendants(space + "image"));
        Assert.StartsWith("data:image/png;base64,", (string)image.Attribute("href")!, StringComparison.Ordinal);
        Assert.Equal([("#image-0", "24"), ("#image-0", "44")],
            svg.Elements(space + "use").Select(use => ((string)use.Attribute("href")!, (string)use.Attribute("x")!)));
        Assert.Contains("prefers-color-scheme: dark", (string)svg.Element(space + "style")!, StringComparison.Ordinal);

        using var png = SKBitmap.Decode(PngSheet.Bytes(sheet));
        Assert.Equal((120, 80), (png.Width, png.Height));
        SKColor Of(Ink ink) => SKColor.Parse(Palette.Colour(ink, dark: false));
        Assert.Equal(Of(Ink.Vermilion), png.GetPixel(10, 10));
        Assert.Equal(Of(Ink.Green), png.GetPixel(100, 60));
        Assert.Equal(Of(Ink.Blue), png.GetPixel(100, 20));
        Assert.Equal(new SKColor(255, 0, 0), png.GetPixel(56, 48));
        Assert.Equal(Of(Ink.Paper), png.GetPixel(118, 2));
    }

    [Fact]
    public void Every_ink_can_be_told_from_its_paper_and_from_the_other_series()
    {
        foreach (var dark in new[] { false, true })
        {
            var paper = Luminance(Ink.Paper, dark);
            foreach (var ink in Enum.GetValues<Ink>().Except([Ink.Paper, Ink.Grid]))
            {
                var own = Luminance(ink, dark);
                var contrast = (Math.Max(own, paper) + 0.05) / (Math.Min(own, paper) + 0.05);
                // Text must be read, signs must be seen.
                Assert.True(contrast >= (ink is Ink.Text or Ink.Muted ? 4.5 : 2), $"{ink}, dark {dark}: {contrast:0.0}");
            }
            Assert.Equal(8, Palette.Series.Select(ink => Palette.Colour(ink, dark)).Distinct().Count());
        }
    }

    [Fact]
    public void Names_at_the_ends_of_lines_stand_apart()
    {
        var sheet = new Sheet(470, 290, "t", "d");
        new LinePanel("t", "x", "y", [.. Enumerable.Range(0, 6).Select(i => new PanelLine($"line {i}", Ink.Blue, Dash.None, Shape.Circle,
            [new(0, 0, 0, 0), new(1, 1 + 0.001 * i, 1, 1.1)]))]).Draw(sheet, 0, 0, 470, 290);
        var names = sheet.Marks.OfType<Words>().Where(words => words.Text.StartsWith("line", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, names.Count);
        var places = names.Select(words => words.Y).Order().ToList();
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 13));
        Assert.InRange(places[0], 0, 290);
        Assert.InRange(places[^1], 0, 290);
    }

    private static double Luminance(Ink ink, bool dark)
    {
        double Linear(byte channel) => channel / 255.0 is var x && x <= 0.04045 ? x / 12.92 : Math.Pow((x + 0.055) / 1.055, 2.4);
        var colour = SKColor.Parse(Palette.Colour(ink, dark));
        return 0.2126 * Linear(colour.Red) + 0.7152 * Linear(colour.Green) + 0.0722 * Linear(colour.Blue);
    }

    private static byte[] Red()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 2, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(255, 0, 0));
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
