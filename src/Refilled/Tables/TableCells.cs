using System.Globalization;

namespace Refilled.Tables;

/// <summary>A section's header and rows as texts, for Markdown and the terminal alike.</summary>
internal static class TableCells
{
    /// <summary>Stands for a number that there isn't.</summary>
    private const string None = "–";

    /// <summary>Marks a gain that allows no claim about the ranking.</summary>
    public const string Unclear = "~";

    /// <summary>The header.</summary>
    public static IReadOnlyList<string> Header(TableReport report, TableSection section) =>
    [
        "method", "epochs", "runs", "top-1, last epoch", "top-1, selected", "nearest class mean",
        .. report.Baselines.Select(baseline => $"over {baseline} [95 %]"),
        .. HasPoster(section) ? ["poster"] : Array.Empty<string>(),
        "seconds",
    ];

    /// <summary>A row.</summary>
    public static IReadOnlyList<string> Row(TableReport report, TableSection section, TableRow row) =>
    [
        row.Method, Number(row.Epochs, "0"), row.IsFixed && row.Seeds.Count > 0 ? "1 (fixed)" : Number(row.Seeds.Count, "0"),
        row.Deviation is { } deviation ? $"{Number(row.Top1, "0.0")} ± {Number(deviation, "0.0")}" : Number(row.Top1, "0.0"),
        Number(row.Top1Selected, "0.0"), Number(row.Ncm, "0.0"),
        .. report.Baselines.Select(baseline => row.Gains.FirstOrDefault(gain => gain.Baseline == baseline)?.Gain is { } gain ? Gain(gain) : None),
        .. HasPoster(section) ? [Number(row.Poster, "0.00")] : Array.Empty<string>(),
        Number(row.Seconds, "0"),
    ];

    /// <summary>What stands above a section: who learns what from whom.</summary>
    public static string Heading(TableSection section)
    {
        var teacher = section.Teacher is null ? "" : $", teacher {section.Teacher}{(section.TeacherTop1 is { } top1 ? $" ({Number(top1, "0.0")} % on its own classes)" : "")}";
        var images = section.TrainImages is null ? "" : $", {section.TrainImages} training and {section.TestImages} test images";
        return $"{section.Split}: student {section.Student} on {section.Classes}{teacher}{images}";
    }

    /// <summary>What stands below a table: how to read it.</summary>
    public static IReadOnlyList<string> Legend(TableReport report) =>
    [
        $"Top-1 in percent on the test images: mean ± standard deviation over the seeds. Gains in points with a 95 % interval that pools test images and seeds, paired by image; {Unclear} marks those that allow no claim about the ranking: the interval spans zero, or one seed stands behind it. Each interval is for one comparison by itself.",
        .. report.Finished < report.Runs ? [$"Not finished: {report.Finished} of {report.Runs} runs are done."] : Array.Empty<string>(),
        .. report.Notes,
    ];

    private static bool HasPoster(TableSection section) => section.Rows.Any(row => row.Poster is not null);

    private static string Gain(PairedGain gain) => string.Create(CultureInfo.InvariantCulture, $"{Signed(gain.Points)} [{Signed(gain.Low)}, {Signed(gain.High)}]{(gain.IsClear ? "" : " " + Unclear)}");

    private static string Signed(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;
}
