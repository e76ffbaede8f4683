using System.Globalization;
using System.Text;

namespace Refilled.Charts;

/// <summary>Writes a <see cref="Sheet"/> as SVG, with dark colours where the reader's screen is dark.</summary>
/// <remarks>It has no script and names no other file. Numbers have two places.</remarks>
internal static class SvgSheet
{
    /// <summary>The file's text.</summary>
    public static string Text(Sheet sheet)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(sheet.Width)}\" ")
            .Append(CultureInfo.InvariantCulture, $"height=\"{N(sheet.Height)}\" {Head(sheet, "")} ")
            .Append("font-family=\"Inter, Helvetica, Arial, sans-serif\">\n").Append(Words(sheet, "")).Append("<style>\n");
        var inks = sheet.Marks.Select(InkOf).OfType<Ink>().Append(Ink.Paper).Distinct().Order().ToList();
        foreach (var ink in inks) text.Append(Rules(ink, dark: false)).Append('\n');
        text.Append("@media (prefers-color-scheme: dark) {\n");
        foreach (var ink in inks) text.Append(Rules(ink, dark: true)).Append('\n');
        text.Append("}\n</style>\n");
        var images = Images(sheet, "", text);
        text.Append("<rect class=\"f-paper\" width=\"100%\" height=\"100%\"/>\n");
        foreach (var mark in sheet.Marks) text.Append(Element(mark, images)).Append('\n');
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>An element for a page that has the colours: <c>.f-blue</c> fills and <c>.s-blue</c> strokes, for each ink.</summary>
    /// <param name="sheet">What is drawn.</param>
    /// <param name="id">What tells it from the page's others.</param>
    public static string Inline(Sheet sheet, string id)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart\" style=\"max-width:{N(sheet.Width)}px\" {Head(sheet, id + "-")}>\n")
            .Append(Words(sheet, id + "-"));
        var images = Images(sheet, id + "-", text);
        foreach (var mark in sheet.Marks) text.Append(Element(mark, images)).Append('\n');
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>An element that says nothing by itself, such as a sign before a word, for the same page.</summary>
    public static string Ornament(Sheet sheet) => $"<svg width=\"{N(sheet.Width)}\" height=\"{N(sheet.Height)}\" aria-hidden=\"true\">"
        + $"{string.Concat(sheet.Marks.Select(mark => Element(mark, [])))}</svg>";

    /// <summary>The colours of all inks for such a page: on light paper, and on dark where <paramref name="dark"/> says when.</summary>
    public static string Colours(string dark)
    {
        var inks = Enum.GetValues<Ink>();
        string Values(bool isDark) => string.Concat(inks.Select(ink => $"--{Name(ink)}:#{Palette.Colour(ink, isDark)};"));
        return $":root{{{Values(false)}}}{dark}{{:root{{{Values(true)}}}}}"
            + string.Concat(inks.Select(Name).Select(ink => $".f-{ink}{{fill:var(--{ink})}}.s-{ink}{{fill:none;stroke:var(--{ink})}}"));
    }

    private static string Head(Sheet sheet, string prefix) => $"viewBox=\"0 0 {N(sheet.Width)} {N(sheet.Height)}\" role=\"img\" "
        + $"aria-labelledby=\"{prefix}title {prefix}description\"";

    private static string Words(Sheet sheet, string prefix) =>
        $"<title id=\"{prefix}title\">{Escaped(sheet.Title)}</title>\n"
        + $"<desc id=\"{prefix}description\">{Escaped(sheet.Description)}</desc>\n";

    /// <summary>Writes each image once, though it may stand at several places.</summary>
    private static Dictionary<string, string> Images(Sheet sheet, string prefix, StringBuilder text)
    {
        var images = sheet.Marks.OfType<Thumbnail>().Select(Image).Distinct().Index()
            .ToDictionary(one => one.Item, one => $"{prefix}image-{one.Index}");
        if (images.Count > 0)
            text.Append($"<defs>\n{string.Concat(images.Select(one => $"<image id=\"{one.Value}\" {one.Key}/>\n"))}</defs>\n");
        return images;
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
