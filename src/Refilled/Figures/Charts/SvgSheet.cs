using System.Globalization;
using System.Text;

namespace Refilled.Figures.Charts;

/// <summary>Writes a <see cref="Sheet"/> as SVG, with dark colours where the reader's screen is dark.</summary>
/// <remarks>It has no script and names no other file. Numbers have two places.</remarks>
internal static class SvgSheet
{
    /// <summary>The file's text.</summary>
    public static string Text(Sheet sheet)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(sheet.Width)}\" ")
            .Append(CultureInfo.InvariantCulture, $"height=\"{N(sheet.Height)}\" viewBox=\"0 0 {N(sheet.Width)} {N(sheet.Height)}\" ")
            .Append("role=\"img\" aria-labelledby=\"title description\" font-family=\"Inter, Helvetica, Arial, sans-serif\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title id=\"title\">{Escaped(sheet.Title)}</title>\n")
            .Append(CultureInfo.InvariantCulture, $"<desc id=\"description\">{Escaped(sheet.Description)}</desc>\n")
            .Append("<style>\n");
        var inks = sheet.Marks.Select(InkOf).OfType<Ink>().Append(Ink.Paper).Distinct().Order().ToList();
        foreach (var ink in inks) text.Append(Rules(ink, dark: false)).Append('\n');
        text.Append("@media (prefers-color-scheme: dark) {\n");
        foreach (var ink in inks) text.Append(Rules(ink, dark: true)).Append('\n');
        text.Append("}\n</style>\n");
        // An image that stands at several places is written once.
        var images = sheet.Marks.OfType<Thumbnail>().Select(Image).Distinct().Index()
            .ToDictionary(one => one.Item, one => $"image-{one.Index}");
        if (images.Count > 0)
            text.Append($"<defs>\n{string.Concat(images.Select(one => $"<image id=\"{one.Value}\" {one.Key}/>\n"))}</defs>\n");
        text.Append("<rect class=\"f-paper\" width=\"100%\" height=\"100%\"/>\n");
        foreach (var mark in sheet.Marks) text.Append(Element(mark, images)).Append('\n');
        return text.Append("</svg>\n").ToString();
    }

    private static string Rules(Ink ink, bool dark) =>
        $".f-{Name(ink)}{{fill:#{Palette.Colour(ink, dark)}}}.s-{Name(ink)}{{fill:none;stroke:#{Palette.Colour(ink, dark)}}}";

    private static Ink? InkOf(Mark mark) => mark switch
    {
        Stroke stroke => stroke.Ink,
        Area area => area.Ink,
        Dot dot => dot.Ink,
        Words words => words.Ink,
        _ => null,
    };

    private static string Element(Mark mark, Dictionary<string, string> images)
    {
        switch (mark)
        {
            case Stroke stroke:
                var dashes = Outline.Of(stroke.Dash);
                return $"<polyline class=\"s-{Name(stroke.Ink)}\" stroke-width=\"{N(stroke.Width)}\" stroke-linejoin=\"round\""
                    + $"{(dashes.Length > 0 ? $" stroke-dasharray=\"{string.Join(' ', dashes.Select(N))}\"" : "")} "
                    + $"points=\"{Points(stroke.Points)}\"/>";
            case Area area:
                return $"<polygon class=\"f-{Name(area.Ink)}\" fill-opacity=\"{N(area.Opacity)}\" points=\"{Points(area.Points)}\"/>";
            case Dot { Shape: Shape.Circle } dot:
                return $"<circle class=\"f-{Name(dot.Ink)}\" cx=\"{N(dot.X)}\" cy=\"{N(dot.Y)}\" r=\"{N(dot.Radius)}\"/>";
            case Dot dot:
                return $"<polygon class=\"f-{Name(dot.Ink)}\" points=\"{Points(Outline.Of(dot))}\"/>";
            case Words words:
                var anchor = words.Anchor switch
                    { Anchor.Middle => " text-anchor=\"middle\"", Anchor.End => " text-anchor=\"end\"", _ => "" };
                var place = words.Upward ? $"transform=\"translate({N(words.X)} {N(words.Y)}) rotate(-90)\""
                    : $"x=\"{N(words.X)}\" y=\"{N(words.Y)}\"";
                return $"<text class=\"f-{Name(words.Ink)}\" {place} font-size=\"{N(words.Size)}\"{anchor}>{Escaped(words.Text)}</text>";
            case Thumbnail thumbnail:
                return $"<use href=\"#{images[Image(thumbnail)]}\" x=\"{N(thumbnail.X)}\" y=\"{N(thumbnail.Y)}\"/>";
            default:
                throw new InvalidOperationException($"No such mark: {mark}.");
        }
    }

    private static string Image(Thumbnail thumbnail) => $"width=\"{N(thumbnail.Width)}\" height=\"{N(thumbnail.Height)}\" "
        + $"style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{Convert.ToBase64String(thumbnail.Png)}\"";

    private static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"));

    private static string Name(Ink ink) => ink.ToString().ToLowerInvariant();

    private static string N(double number) => (Math.Round(number, 2) + 0.0).ToString(CultureInfo.InvariantCulture);

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
