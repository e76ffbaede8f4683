using Refilled.Experiments;
using Refilled.Charts;
using Refilled.Tables;
using static System.FormattableString;

namespace Refilled.Figures.SecondStage;

/// <summary>The numbers of a second-stage figure.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Points">Over the runs, in the order of moments, methods and numbers of classes.</param>
internal sealed record SecondStageReport(string Title, IReadOnlyList<GradientSpread> Points) : FigureReport
{
    /// <inheritdoc/>
    public override string Title { get; init; } = Title;

    /// <summary>The students' network.</summary>
    public required string Student { get; init; }

    /// <summary>Epochs of the students' training; null before the first run.</summary>
    public int? Epochs { get; init; }

    /// <summary>Finished runs.</summary>
    public required int Finished { get; init; }

    /// <summary>All runs.</summary>
    public required int Runs { get; init; }

    /// <inheritdoc/>
    internal override string Kind => "second-stage";

    /// <inheritdoc/>
    public override IEnumerable<FigurePicture> Pictures() => Points.Count == 0 ? [] : [new("second-stage", Draw(), Records())];

    /// <inheritdoc/>
    internal override IEnumerable<TableSheet> Sheets()
    {
        var (few, many) = Points.Count == 0 ? (0, 0) : (Points.Min(point => point.Classes), Points.Max(point => point.Classes));
        List<IReadOnlyList<string>> rows = [["epoch", "method", $"{few} classes", $"{many} classes", "ratio"]];
        foreach (var own in Points.GroupBy(point => (point.Epoch, point.Method)))
        {
            var (first, last) = (own.First(point => point.Classes == few).Difference, own.First(point => point.Classes == many).Difference);
            rows.Add([$"{own.Key.Epoch}", own.Key.Method, Text(first), Text(last), Invariant($"{last.Mean / first.Mean:0.00}")]);
        }
        yield return new TableSheet($"{Student}: ‖g_method − g_CE‖ / ‖g_CE‖", rows);

        static string Text(Spread spread) => Invariant($"{spread.Mean:0.000}")
            + (spread.Deviation > 0 ? Invariant($" ± {spread.Deviation:0.000}") : "");
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Legend() =>
    [
        .. Notes,
        "g: gradient of the embedding's parameters, mean over the batch, on batches of "
            + "the fewest classes' images that are the same for every "
            + "number of classes; teacher and student know all classes, and their logits are restricted to as many.",
        $"±: standard deviation over the runs' seeds, which also decide the classes and their order. {Finished} of {Runs} runs are done.",
    ];

    /// <inheritdoc/>
    internal override IEnumerable<IReadOnlyList<object?>> Records()
    {
        yield return ["epoch", "method", "classes", "runs", "batches", "images",
            "difference", "difference_sd", "difference_sd_batches", "norm_ce"];
        foreach (var point in Points)
            yield return [point.Epoch, point.Method, point.Classes, Finished, point.Batches, point.Images, point.Difference.Mean,
                Finished > 1 ? point.Difference.Deviation : null, point.OfBatches, point.CrossEntropy];
    }

    private Sheet Draw()
    {
        const double wide = 470, high = 330, heading = 34, foot = 26;
        var moments = Points.GroupBy(point => point.Epoch).ToList();
        var sheet = new Sheet(wide * Math.Max(2, moments.Count), heading + high + foot, Title, string.Join("; ",
            from own in Points.GroupBy(point => (point.Epoch, point.Method))
            select Invariant($"epoch {own.Key.Epoch}, {own.Key.Method}: ")
                + Invariant($"{own.First().Difference.Mean:0.000} at {own.First().Classes} classes, ")
                + Invariant($"{own.Last().Difference.Mean:0.000} at {own.Last().Classes}")) + ".");
        sheet.Write(8, 21, Title, 15.5);
        foreach (var (i, moment) in moments.Index())
        {
            var when = moment.Key == 0 ? "before training"
                : moment.Key == Epochs ? $"after all {Epochs} epochs" : $"after {moment.Key} of {Epochs} epochs";
            var lines = moment.GroupBy(point => point.Method).Select((own, line) => new PanelLine(own.Key, Palette.Series[line % 8],
                (Dash)(line % 4), (Shape)(line % 4), [.. own.Select(point => new PanelPoint(point.Classes, point.Difference.Mean,
                    point.Difference.Mean - point.Difference.Deviation, point.Difference.Mean + point.Difference.Deviation))])).ToList();
            new LinePanel($"The student {when}", "classes C", "‖g − g_CE‖ / ‖g_CE‖", lines) { Ratios = true }
                .Draw(sheet, i * wide, heading, wide, high);
        }
        sheet.Write(8, sheet.Height - 9, $"Student {Student}; {Points[0].Images} images in "
            + $"{Points[0].Batches} batch{(Points[0].Batches == 1 ? "" : "es")}, "
            + $"the same for every C. "
            + $"Lines: mean of {Finished} run{(Finished == 1 ? "" : "s")}; bands: ± their standard deviation.", 11, ink: Ink.Muted);
        return sheet;
    }
}

/// <summary>A method's difference at a moment and a number of classes, over the runs.</summary>
/// <param name="Epoch">The epochs before.</param>
/// <param name="Method">The method.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Difference">‖g_method - g_CE‖ / ‖g_CE‖.</param>
/// <param name="OfBatches">Its standard deviation over the batches, mean over the runs.</param>
/// <param name="CrossEntropy">‖g_CE‖, mean over the runs.</param>
/// <param name="Batches">Batches of a run.</param>
/// <param name="Images">Images of a run's batches.</param>
internal sealed record GradientSpread(int Epoch, string Method, int Classes, Spread Difference, double OfBatches, double CrossEntropy,
    int Batches, int Images);

/// <summary>Makes a second-stage figure's report of its results, without training or reading data.</summary>
internal static class SecondStageReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The figure.</param>
    /// <param name="found">Its results, checked to belong together; some may be missing.</param>
    public static SecondStageReport Make(SecondStagePlan plan, FoundResults found)
    {
        var runs = plan.Runs.Select(run => found.Of<FigureResult<GradientMeasures>>(run)).OfType<FigureResult<GradientMeasures>>().ToList();
        var points = from moment in runs.SelectMany(run => run.Measures.Moments).GroupBy(own => own.Epoch).OrderBy(own => own.Key)
                     from method in plan.Recipe.Methods
                     from classes in plan.Recipe.Classes
                     let own = moment.SelectMany(one => one.Points)
                         .Where(one => one.Classes == classes && one.Method == method.Name).ToList()
                     select new GradientSpread(moment.Key, method.Name, classes, Spread.Of([.. own.Select(one => one.Difference)]),
                         own.Average(one => one.Deviation), own.Average(one => one.CrossEntropy), own[0].Batches, own[0].Images);
        return Of(new SecondStageReport(plan.Title, [.. points])
        {
            Notes = plan.Recipe.Notes, Student = plan.Recipe.Student.Text, Epochs = runs.FirstOrDefault()?.Run.Epochs,
            Finished = runs.Count, Runs = plan.Runs.Count,
        }, runs);
    }

    private static SecondStageReport Of(SecondStageReport report, List<FigureResult<GradientMeasures>> runs) =>
        TableReport.Of(report, [.. runs.Select(run => (Measured)run.Run)]);
}
