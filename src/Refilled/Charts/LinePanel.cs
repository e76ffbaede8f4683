namespace Refilled.Charts;

/// <summary>Lines in a frame, each with its name at its end and a band around it.</summary>
/// <param name="Title">What stands above.</param>
/// <param name="Across">What is counted to the right, with its unit.</param>
/// <param name="Up">What is measured upwards, with its unit.</param>
/// <param name="Lines">The lines, at least one with a point.</param>
internal sealed record LinePanel(string Title, string Across, string Up, IReadOnlyList<PanelLine> Lines)
{
    private const double Left = 62, Right = 132, Above = 30, Below = 40, LabelHeight = 13.5;

    /// <summary>Whether equal ratios are equally far apart upwards.</summary>
    public bool Ratios { get; init; }

    /// <summary>Draws it into a box of a sheet.</summary>
    public void Draw(Sheet sheet, double x, double y, double width, double height)
    {
        var (left, right, top, bottom) = (x + Left, x + width - Right, y + Above, y + height - Below);
        var points = Lines.SelectMany(line => line.Points).ToList();
        var across = Scale.Around([.. points.Select(point => point.X)], left, right);
        double[] ends = [.. points.SelectMany(point => new[] { point.Low, point.High })];
        var up = Ratios ? Scale.Ratios([.. ends.Where(end => end > 0)], bottom, top) : Scale.Around(ends, bottom, top);

        sheet.Write(x + 8, y + 16, Title, 13.5);
        foreach (var tick in up.Ticks)
        {
            sheet.Rule(left, up.At(tick), right, up.At(tick), Ink.Grid);
            sheet.Write(left - 6, up.At(tick) + 4, Scale.Label(tick), 11, Anchor.End, Ink.Muted);
        }
        foreach (var tick in across.Ticks)
        {
            sheet.Rule(across.At(tick), bottom, across.At(tick), bottom + 4, Ink.Muted);
            sheet.Write(across.At(tick), bottom + 17, Scale.Label(tick), 11, Anchor.Middle, Ink.Muted);
        }
        sheet.Rule(left, bottom, right, bottom, Ink.Muted);
        sheet.Write((left + right) / 2, bottom + 33, Across, 11.5, Anchor.Middle);
        sheet.Write(x + 13, (top + bottom) / 2, Up, 11.5, Anchor.Middle, upward: true);

        double Clamped(double number) => Math.Clamp(up.At(number <= 0 && Ratios ? up.Low : number), top, bottom);
        foreach (var line in Lines.Where(line => line.Points.Any(point => point.High > point.Low)))
            sheet.Add(new Area([.. line.Points.Select(point => (across.At(point.X), Clamped(point.High))),
                .. line.Points.Reverse().Select(point => (across.At(point.X), Clamped(point.Low)))], line.Ink, 0.18));
        foreach (var line in Lines)
        {
            sheet.Add(new Stroke([.. line.Points.Select(point => (across.At(point.X), Clamped(point.Mean)))], line.Ink, 2, line.Dash));
            if (line.Points.Count is > 2 and <= 12)
                foreach (var point in line.Points)
                    sheet.Add(new Dot(across.At(point.X), Clamped(point.Mean), 3, line.Ink, line.Shape));
        }
        Name(sheet, right, top, bottom, [.. Lines.Select(line => (line, Clamped(line.Points[^1].Mean)))]);
    }

    /// <summary>Writes the names at the lines' ends, moved apart where they would meet.</summary>
    private static void Name(Sheet sheet, double right, double top, double bottom, IReadOnlyList<(PanelLine Line, double End)> lines)
    {
        var ordered = lines.OrderBy(one => one.End).ToList();
        var places = ordered.Select(one => one.End).ToArray();
        for (var i = 1; i < places.Length; i++) places[i] = Math.Max(places[i], places[i - 1] + LabelHeight);
        // What was pushed below the frame pushes those above it up again.
        for (var i = places.Length - 1; i >= 0; i--)
            places[i] = Math.Min(places[i], i == places.Length - 1 ? bottom + 2 : places[i + 1] - LabelHeight);
        foreach (var (i, (line, end)) in ordered.Index())
        {
            var place = Math.Max(places[i], top - 20);
            sheet.Add(new Stroke([(right + 2, end), (right + 9, place)], line.Ink, 1));
            sheet.Add(new Stroke([(right + 9, place), (right + 23, place)], line.Ink, 2, line.Dash));
            sheet.Write(right + 27, place + 4, line.Name, 11.5);
        }
    }
}

/// <summary>A line of a panel.</summary>
/// <param name="Name">What stands at its end.</param>
/// <param name="Ink">Its ink.</param>
/// <param name="Dash">How it is interrupted, so that it can be told without its colour.</param>
/// <param name="Shape">The sign at its points, where they are few.</param>
/// <param name="Points">Its points from left to right, at least one.</param>
internal sealed record PanelLine(string Name, Ink Ink, Dash Dash, Shape Shape, IReadOnlyList<PanelPoint> Points);

/// <summary>A point of a line, and the band at it.</summary>
internal readonly record struct PanelPoint(double X, double Mean, double Low, double High);
