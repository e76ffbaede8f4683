namespace Refilled.Charts;

/// <summary>Places on a map, each with the sign of its class, and images at some of them.</summary>
/// <param name="Title">What stands above.</param>
/// <param name="Note">What stands below.</param>
/// <param name="Places">Where they are, in any unit that is the same in both directions.</param>
/// <param name="Classes">The class of each, from 0.</param>
/// <param name="Images">Which of them are shown as images, and the files.</param>
internal sealed record MapPanel(string Title, string Note, IReadOnlyList<(double X, double Y)> Places, IReadOnlyList<int> Classes,
    IReadOnlyList<(int Place, byte[] Png)> Images)
{
    private const double Above = 26, Below = 22, Edge = 14, Side = 22, Frame = 2;

    /// <summary>Draws it into a box of a sheet.</summary>
    public void Draw(Sheet sheet, double x, double y, double width, double height)
    {
        sheet.Write(x + 8, y + 16, Title, 13.5);
        sheet.Write(x + 8, y + height - 6, Note, 11, ink: Ink.Muted);
        var (left, top, across, down) = (x + 4, y + Above, width - 8, height - Above - Below);
        sheet.Add(new Stroke([(left, top), (left + across, top), (left + across, top + down),
            (left, top + down), (left, top)], Ink.Grid, 1));
        var (lowX, highX) = (Places.Min(place => place.X), Places.Max(place => place.X));
        var (lowY, highY) = (Places.Min(place => place.Y), Places.Max(place => place.Y));
        var zoom = Math.Min((across - 2 * Edge) / Math.Max(highX - lowX, 1e-12), (down - 2 * Edge) / Math.Max(highY - lowY, 1e-12));
        (double X, double Y) At((double X, double Y) place) => (left + across / 2 + zoom * (place.X - (lowX + highX) / 2),
            top + down / 2 - zoom * (place.Y - (lowY + highY) / 2));
        foreach (var (i, place) in Places.Index())
        {
            var (px, py) = At(place);
            sheet.Add(Sign(Classes[i], px, py, 3.2));
        }
        foreach (var (i, png) in Images)
        {
            var (px, py) = At(Places[i]);
            (px, py) = (Math.Clamp(px, left + Side / 2, left + across - Side / 2), Math.Clamp(py, top + Side / 2, top + down - Side / 2));
            var half = Side / 2 + Frame;
            sheet.Add(new Area([(px - half, py - half), (px + half, py - half), (px + half, py + half), (px - half, py + half)],
                InkOf(Classes[i]), 1));
            sheet.Add(new Thumbnail(px - Side / 2, py - Side / 2, Side, Side, png));
        }
    }

    /// <summary>The sign of a class: four shapes and eight inks, so that 32 can be told.</summary>
    public static Dot Sign(int group, double x, double y, double radius) =>
        new(x, y, radius, InkOf(group), (Shape)((group + group / Palette.Series.Count) % 4));

    private static Ink InkOf(int group) => Palette.Series[group % Palette.Series.Count];
}
