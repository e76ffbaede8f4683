namespace Refilled.Tables.Grid;

/// <summary>A grid's report as texts and records.</summary>
internal static class GridSheets
{
    /// <summary>The sheet of a section.</summary>
    public static TableSheet Of(GridReport report, GridSection section)
    {
        var hasPoster = section.Rows.Any(row => row.Poster is not null);
        IReadOnlyList<string> header =
        [
            "method", "epochs", "runs", "top-1, last epoch", "top-1, selected", "nearest class mean",
            .. report.Baselines.Select(baseline => $"over {baseline} [95 %]"),
            .. hasPoster ? ["poster"] : Array.Empty<string>(),
            "seconds",
        ];
        return new(Heading(section), [header, .. section.Rows.Select(row => Line(report, row, hasPoster))], section.PosterNote);
    }

    /// <summary>How to read a grid.</summary>
    public static IReadOnlyList<string> Legend(GridReport report) =>
    [
        "Top-1 in percent on the test images: mean ± standard deviation over the seeds. Gains in points with a 95 % interval that pools "
            + $"test images and seeds, paired by image; {TableSheet.Unclear} marks those that allow no claim about the ranking: "
            + "the interval spans zero, or one seed stands behind it. Each interval is for one comparison by itself.",
        .. report.Finished < report.Runs ? [$"Not finished: {report.Finished} of {report.Runs} runs are done."] : Array.Empty<string>(),
        .. report.Notes,
    ];

    /// <summary>A record for each row and baseline, under the names of the fields.</summary>
    public static IEnumerable<IReadOnlyList<object?>> Records(GridReport report)
    {
        yield return
        [
            "split", "classes", "teacher", "student", "method", "seeds", "epochs", "top1", "top1_deviation", "top1_selected",
            "ncm", "seconds", "poster", "baseline", "gain", "gain_low", "gain_high", "gain_clear",
        ];
        foreach (var section in report.Sections)
            foreach (var row in section.Rows)
                foreach (var gain in row.Gains.Count > 0 ? row.Gains : [new GridGain("", null)])
                    yield return
                    [
                        section.Split, section.Classes, section.Teacher, section.Student, row.Method,
                        string.Join(' ', row.Seeds), row.Epochs, row.Top1, row.Deviation, row.Top1Selected, row.Ncm, row.Seconds,
                        row.Poster, gain.Baseline, gain.Gain?.Points,
                        gain.Gain?.Low, gain.Gain?.High, gain.Gain is null ? null : gain.Gain.IsClear ? "yes" : "no",
                    ];
    }

    private static IReadOnlyList<string> Line(GridReport report, GridRow row, bool hasPoster) =>
    [
        row.Method,
        TableSheet.Number(row.Epochs, "0"),
        row.IsFixed && row.Seeds.Count > 0 ? "1 (fixed)" : TableSheet.Number(row.Seeds.Count, "0"),
        TableSheet.Number(row.Top1, "0.0") + (row.Deviation is { } deviation ? $" ± {TableSheet.Number(deviation, "0.0")}" : ""),
        TableSheet.Number(row.Top1Selected, "0.0"),
        TableSheet.Number(row.Ncm, "0.0"),
        .. report.Baselines.Select(baseline => Gain(row.Gains.FirstOrDefault(gain => gain.Baseline == baseline)?.Gain)),
        .. hasPoster ? [TableSheet.Number(row.Poster, "0.00")] : Array.Empty<string>(),
        TableSheet.Number(row.Seconds, "0"),
    ];

    /// <summary>What stands above a section: who learns what from whom.</summary>
    private static string Heading(GridSection section)
    {
        var own = section.TeacherTop1 is { } top1 ? $" ({TableSheet.Number(top1, "0.0")} % on its own classes)" : "";
        var teacher = section.Teacher is null ? "" : $", teacher {section.Teacher}{own}";
        var images = section.TrainImages is null ? "" : $", {section.TrainImages} training and {section.TestImages} test images";
        return $"{section.Split}: student {section.Student} on {section.Classes}{teacher}{images}";
    }

    private static string Gain(PairedGain? gain)
    {
        if (gain is null) return TableSheet.None;
        var interval = $"{TableSheet.Signed(gain.Points)} [{TableSheet.Signed(gain.Low)}, {TableSheet.Signed(gain.High)}]";
        return gain.IsClear ? interval : $"{interval} {TableSheet.Unclear}";
    }
}
