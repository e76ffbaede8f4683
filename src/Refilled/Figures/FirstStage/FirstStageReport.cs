using Refilled.Tables;
using static System.FormattableString;

namespace Refilled.Figures.FirstStage;

/// <summary>The numbers of a first-stage figure.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Lines">The methods, in the recipe's order; those without a finished run have no points.</param>
internal sealed record FirstStageReport(string Title, IReadOnlyList<ClusterLine> Lines) : FigureReport
{
    /// <inheritdoc/>
    public override string Title { get; init; } = Title;

    /// <summary>The teacher; null where it wasn't asked yet.</summary>
    public ClusterEpoch? Teacher { get; init; }

    /// <summary>Its network; null likewise.</summary>
    public string? TeacherNetwork { get; init; }

    /// <summary>The students' network.</summary>
    public required string Student { get; init; }

    /// <summary>How often k-means began anew in each measurement.</summary>
    public required int Clusterings { get; init; }

    /// <summary>Images that each student was trained on; null before the first run.</summary>
    public int? TrainImages { get; init; }

    /// <summary>The method that the maps and the triplet are of.</summary>
    public required string Mapped { get; init; }

    /// <summary>Finished runs.</summary>
    public required int Finished { get; init; }

    /// <summary>All runs.</summary>
    public required int Runs { get; init; }

    /// <summary>The maps; drawn, and not written among the numbers.</summary>
    internal EmbeddingMaps? Maps { get; init; }

    /// <summary>The triplet; likewise.</summary>
    internal TripletStory? Triplet { get; init; }

    /// <inheritdoc/>
    internal override string Kind => "first-stage";

    /// <inheritdoc/>
    public override IEnumerable<FigurePicture> Pictures() => FirstStagePictures.Of(this);

    /// <inheritdoc/>
    internal override IEnumerable<TableSheet> Sheets()
    {
        List<IReadOnlyList<string>> rows =
            [["after the last epoch", "runs", "epochs", "NMI", "chance", "class mean %", "NMI, unseen", "chance", "class mean %, unseen"]];
        foreach (var line in Lines)
        {
            IEnumerable<string> Of(Func<ClusterPoint, MeasureSpread> part) =>
                line.Points is [.., var last] ? Cells(part(last)) : [TableSheet.None, TableSheet.None, TableSheet.None];
            rows.Add([line.Method, $"{line.Runs}", line.Points is [.., var end] ? $"{end.Epoch}" : TableSheet.None,
                .. Of(point => point.HeldOut), .. Of(point => point.Unseen)]);
        }
        if (Teacher is { } teacher)
            rows.Add([$"teacher ({TeacherNetwork})", "", "", .. Cells(MeasureSpread.Of([teacher.HeldOut])),
                .. Cells(MeasureSpread.Of([teacher.Unseen]))]);
        yield return new TableSheet($"{Student}, {TrainImages} training images", rows);

        static IEnumerable<string> Cells(MeasureSpread spread) =>
            [Invariant($"{spread.Nmi.Mean:0.000}{Pm(spread.Nmi.Deviation, "0.000")}"), Invariant($"{spread.Chance:0.000}"),
                Invariant($"{100 * spread.Ncm.Mean:0.0}{Pm(100 * spread.Ncm.Deviation, "0.0")}")];

        static string Pm(double deviation, string format) =>
            deviation > 0 ? " ± " + deviation.ToString(format, System.Globalization.CultureInfo.InvariantCulture) : "";
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Legend() =>
    [
        .. Notes,
        "NMI: normalised mutual information (arithmetic average) of the classes and the groups of k-means on unit rows, k the number of "
            + $"classes, mean over {Clusterings} seeds of k-means. Chance: the same with the groups' members drawn at random.",
        "Class mean: accuracy of the nearest class mean of unit rows. Held-out images are compared with the training images' means, unseen "
            + "classes' with those of the other half of their images.",
        $"± and bands: standard deviation over the runs' seeds. {Finished} of {Runs} runs are done. "
            + "Nothing was selected by any of these numbers.",
    ];

    /// <inheritdoc/>
    internal override IEnumerable<IReadOnlyList<object?>> Records()
    {
        yield return ["method", "epoch", "images", "classes", "of", "runs",
            "nmi", "nmi_sd", "nmi_sd_kmeans", "nmi_chance", "ncm", "ncm_sd"];
        foreach (var line in Lines)
            foreach (var point in line.Points)
            {
                yield return Record(line.Method, point.Epoch, "held-out", point.HeldOut, line.Runs);
                yield return Record(line.Method, point.Epoch, "unseen", point.Unseen, line.Runs);
            }
        if (Teacher is null) yield break;
        yield return Record("teacher", null, "held-out", MeasureSpread.Of([Teacher.HeldOut]), null);
        yield return Record("teacher", null, "unseen", MeasureSpread.Of([Teacher.Unseen]), null);

        static IReadOnlyList<object?> Record(string method, int? epoch, string of, MeasureSpread spread, int? runs) =>
            [method, epoch, spread.Images, spread.Classes, of, runs, spread.Nmi.Mean, runs > 1 ? spread.Nmi.Deviation : null,
                spread.OfKMeans, spread.Chance, spread.Ncm.Mean, runs > 1 ? spread.Ncm.Deviation : null];
    }
}

/// <summary>A method's line.</summary>
/// <param name="Method">The method.</param>
/// <param name="Runs">Its finished runs.</param>
/// <param name="Points">What was measured, by epochs.</param>
internal sealed record ClusterLine(string Method, int Runs, IReadOnlyList<ClusterPoint> Points);

/// <summary>What was measured after some epochs, over the runs.</summary>
internal sealed record ClusterPoint(int Epoch, MeasureSpread HeldOut, MeasureSpread Unseen);

/// <summary>Scores of some runs.</summary>
/// <param name="Nmi">Over the runs.</param>
/// <param name="OfKMeans">The standard deviation of NMI over k-means' seeds, mean over the runs.</param>
/// <param name="Chance">NMI by chance, mean over the runs.</param>
/// <param name="Ncm">Over the runs, in [0, 1].</param>
/// <param name="Images">Images.</param>
/// <param name="Classes">Classes.</param>
internal sealed record MeasureSpread(Spread Nmi, double OfKMeans, double Chance, Spread Ncm, int Images, int Classes)
{
    /// <summary>Of the scores of some runs, at least one.</summary>
    public static MeasureSpread Of(IReadOnlyList<ClusterScore> scores) => new(Spread.Of([.. scores.Select(score => score.Nmi)]),
        scores.Average(score => score.Deviation), scores.Average(score => score.Chance), Spread.Of([.. scores.Select(score => score.Ncm)]),
        scores[0].Images, scores[0].Classes);
}
