using Refilled.Charts;
using static System.FormattableString;

namespace Refilled.Figures.FirstStage;

/// <summary>Draws a first-stage figure from its numbers.</summary>
internal static class FirstStagePictures
{
    private const double Wide = 940, Half = Wide / 2, High = 290, Heading = 34, Foot = 26;

    private static readonly Dash[] Dashes = [Dash.None, Dash.Long, Dash.Short, Dash.Dots];

    /// <summary>The curves, and the maps and the triplet where there are some.</summary>
    public static IEnumerable<FigurePicture> Of(FirstStageReport report)
    {
        if (report.Lines.All(line => line.Points.Count == 0)) yield break;
        yield return new("first-stage", Curves(report), report.Records());
        if (report.Maps is { } maps) yield return new("first-stage-maps", Maps(report, maps), MapRecords(maps));
        if (report.Triplet is { After: not null } triplet)
            yield return new("first-stage-triplet", Triplet(report, triplet), Story(triplet));
    }

    private static Sheet Curves(FirstStageReport report)
    {
        var runs = report.Lines.Max(line => line.Runs);
        var sheet = new Sheet(Wide, Heading + 2 * High + Foot, report.Title,
            string.Join("; ", report.Lines.Where(line => line.Points.Count > 0)
            .Select(line => Invariant($"{line.Method}: NMI {line.Points[^1].HeldOut.Nmi.Mean:0.00} on held-out images and ")
                + Invariant($"{line.Points[^1].Unseen.Nmi.Mean:0.00} on unseen classes after {line.Points[^1].Epoch} epochs"))) + ".");
        sheet.Write(8, 21, report.Title, 15.5);
        var first = report.Lines.First(line => line.Points.Count > 0).Points[0];
        foreach (var (row, held) in new[] { true, false }.Index())
        {
            var one = held ? first.HeldOut : first.Unseen;
            var whose = held ? "held-out images of the student's classes" : "classes that it is never trained on";
            var size = Invariant($"n = {one.Images}, {one.Classes} classes");
            var top = Heading + row * High;
            Panel(report, $"Groups: {whose}", "NMI of k-means", held, score => score.Nmi, teacher => teacher.Nmi, score => score.Chance)
                .Draw(sheet, 0, top, Half, High);
            Panel(report, $"Class means: the same ({size})", "right, %", held, score => Times100(score.Ncm),
                teacher => 100 * teacher.Ncm, null)
                .Draw(sheet, Half, top, Half, High);
        }
        sheet.Write(8, sheet.Height - 9, $"Student {report.Student}, {report.TrainImages} training images. "
            + $"Lines: mean of {Runs(runs)}; bands: ± "
            + $"their standard deviation. NMI: mean of {report.Clusterings} clusterings.", 11, ink: Ink.Muted);
        return sheet;
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    private static LinePanel Panel(FirstStageReport report, string title, string up, bool held, Func<MeasureSpread, Spread> value,
        Func<ClusterScore, double> ofTeacher, Func<MeasureSpread, double>? chance)
    {
        var lines = new List<PanelLine>();
        foreach (var (i, line) in report.Lines.Index())
            if (line.Points.Count > 0)
                lines.Add(new(line.Method, Palette.Series[i % Palette.Series.Count], Dashes[i % Dashes.Length], (Shape)(i % 4),
                    [.. line.Points.Select(point => Point(point.Epoch, value(held ? point.HeldOut : point.Unseen)))]));
        var last = report.Lines.Max(line => line.Points.Count > 0 ? line.Points[^1].Epoch : 0);
        PanelLine Flat(string name, Ink ink, Dash dash, double number) => new(name, ink, dash, Shape.Circle,
            [new(0, number, number, number), new(last, number, number, number)]);
        if (report.Teacher is { } teacher)
            lines.Add(Flat("the teacher", Ink.Text, Dash.Long, ofTeacher(held ? teacher.HeldOut : teacher.Unseen)));
        if (chance is not null)
            lines.Add(Flat("by chance", Ink.Muted, Dash.Dots, report.Lines.Where(line => line.Points.Count > 0)
                .Average(line => chance(held ? line.Points[^1].HeldOut : line.Points[^1].Unseen))));
        return new(title, "epochs", up, lines);
    }

    private static PanelPoint Point(int epoch, Spread spread) =>
        new(epoch, spread.Mean, spread.Mean - spread.Deviation, spread.Mean + spread.Deviation);

    private static Spread Times100(Spread spread) => new(100 * spread.Mean, 100 * spread.Deviation);

    private static Sheet Maps(FirstStageReport report, EmbeddingMaps maps)
    {
        const double side = 312, key = 44;
        var sheet = new Sheet(3 * side, Heading + 2 * (side + 10) + key,
            $"Maps of {maps.Classes.Count} classes that the student is never trained on",
            $"Each of {maps.Labels.Count} images by its embedding, before and after {report.Mapped}, and the teacher's; above by principal "
            + "components, below by t-SNE.");
        sheet.Write(8, 21, $"{maps.Classes.Count} classes that the student is never trained on, {maps.Labels.Count} images", 15.5);
        foreach (var (column, of) in new[] { "before", "after", "teacher" }.Index())
            foreach (var (row, kind) in new[] { "pca", "t-sne" }.Index())
            {
                var layout = maps.Layouts.First(one => one.Of == of && one.Kind == kind);
                var whose = of == "teacher" ? $"the teacher ({report.TeacherNetwork})" : $"the student {of} {report.Mapped}";
                var note = kind == "pca" ? Invariant($"two principal components: {100 * layout.Quality:0} % of the variance")
                    : Invariant($"t-SNE, divergence {layout.Quality:0.00}");
                new MapPanel(whose, note, [.. layout.X.Zip(layout.Y)], maps.Labels,
                    [.. maps.Images.Select(image => (image.Number, image.Png))])
                    .Draw(sheet, column * side, Heading + row * (side + 10), side, side + 6);
            }
        var columns = (maps.Classes.Count + 1) / 2;
        foreach (var (i, name) in maps.Classes.Index())
        {
            var (x, y) = (16 + i % columns * (3 * side - 16) / columns, sheet.Height - key + 14 + i / columns * 18);
            sheet.Add(MapPanel.Sign(i, x, y - 4, 4.5));
            sheet.Write(x + 10, y, name, 11);
        }
        return sheet;
    }

    private static IEnumerable<IReadOnlyList<object?>> MapRecords(EmbeddingMaps maps)
    {
        yield return ["of", "map", "image", "class", "x", "y"];
        foreach (var layout in maps.Layouts)
            foreach (var (i, label) in maps.Labels.Index())
                yield return [layout.Of, layout.Kind, i, maps.Classes[label], layout.X[i], layout.Y[i]];
    }

    private static Sheet Triplet(FirstStageReport report, TripletStory story)
    {
        const double side = 112, gap = 34, left = 24, top = 62;
        string[] roles = ["anchor", "neighbour", "impostor"];
        var sheet = new Sheet(880, 248, "A triplet of the first batch",
            Invariant($"The probability that the anchor is nearer to its neighbour ")
            + Invariant($"than to its impostor: teacher {story.Teacher:0.000}, ")
            + Invariant($"student before {story.Before:0.000}, after {story.After:0.000}."));
        sheet.Write(8, 21, "A triplet of the first batch", 15.5);
        foreach (var (i, png) in story.Images.Index())
        {
            var x = left + i * (side + gap);
            sheet.Write(x, top - 8, roles[i], 12.5);
            sheet.Add(new Area([(x - 2, top - 2), (x + side + 2, top - 2), (x + side + 2, top + side + 2), (x - 2, top + side + 2)],
                i < 2 ? Ink.Blue : Ink.Vermilion, 1));
            sheet.Add(new Thumbnail(x, top, side, side, png));
            sheet.Write(x, top + side + 19, story.Classes[i], 11, ink: Ink.Muted);
        }
        double start = left + 3 * (side + gap) + 96, end = 806;
        (string Who, double P, Ink Ink, Shape Shape)[] all = [("teacher", story.Teacher, Ink.Text, Shape.Diamond),
            ("student before", story.Before, Ink.Muted, Shape.Circle),
            ($"after {report.Mapped}", story.After!.Value, Ink.Blue, Shape.Square)];
        var scale = Scale.Around([.. all.Select(one => one.P), 0.5], start, end, 4);
        sheet.Write(start - 82, top - 22, "p: is the anchor nearer to its neighbour?", 12.5);
        foreach (var tick in scale.Ticks)
        {
            sheet.Rule(scale.At(tick), top, scale.At(tick), top + 108, Ink.Grid);
            sheet.Write(scale.At(tick), top + 124, Scale.Label(tick), 11, Anchor.Middle, Ink.Muted);
        }
        sheet.Rule(scale.At(0.5), top, scale.At(0.5), top + 108, Ink.Muted, 1, Dash.Short);
        foreach (var (i, (who, p, ink, shape)) in all.Index())
        {
            var y = top + 20 + i * 36;
            sheet.Write(start - 10, y + 4, who, 12, Anchor.End);
            sheet.Rule(scale.At(0.5), y, scale.At(p), y, ink, 2);
            sheet.Add(new Dot(scale.At(p), y, 5, ink, shape));
            sheet.Write(end + 14, y + 4, Invariant($"{p:0.000}"), 12);
        }
        sheet.Write(8, sheet.Height - 26,
            Invariant($"p = σ((d(anchor, impostor) − d(anchor, neighbour)) / {story.Temperature}), distances of ")
            + "unit embeddings, seen as in training.", 11, ink: Ink.Muted);
        sheet.Write(8, sheet.Height - 10,
            $"Of the batch's {story.Triplets} semi-hard triplets it is the one with the largest divergence before "
            + "training.", 11, ink: Ink.Muted);
        return sheet;
    }

    private static IEnumerable<IReadOnlyList<object?>> Story(TripletStory story) =>
    [
        ["anchor", "neighbour", "impostor", "temperature", "semi_hard_triplets", "teacher", "before", "after"],
        [.. story.Classes, story.Temperature, story.Triplets, story.Teacher, story.Before, story.After],
    ];
}
