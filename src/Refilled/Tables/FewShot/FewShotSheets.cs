namespace Refilled.Tables.FewShot;

/// <summary>A report's tables and legend as texts, for Markdown and the terminal alike.</summary>
internal static class FewShotSheets
{
    /// <summary>The tables.</summary>
    public static IReadOnlyList<TableSheet> Of(FewShotReport report) =>
    [
        Accuracies(report),
        .. report.Baselines.Select(baseline => Differences(report, baseline)),
        .. new[] { Steps(report), Poster(report), Networks(report) }.Where(sheet => sheet.Lines.Count > 1),
    ];

    /// <summary>What stands below them: how to read them.</summary>
    public static IReadOnlyList<string> Legend(FewShotReport report) =>
    [
        $"Accuracy in percent over tasks of {report.Way} new classes with {report.Query} queries each: mean ± half the width of its 95 % "
            + "interval, 1.96·s/√T over T tasks. Tasks per second, training on the task included, at each number of shots.",
        "Differences in points are taken task by task, over the tasks that both rows were asked, with a 95 % interval; "
            + $"{TableSheet.Unclear} marks those whose interval spans zero: they allow no claim about the ranking. "
            + "Each interval is for one comparison by itself, and for these networks: it says nothing of others trained alike.",
        .. report.Published.Count > 0
            ? [$"Published elsewhere, with longer schedules: {string.Join("; ", report.Published)}."]
            : Array.Empty<string>(),
        .. report.Finished < report.Cells
            ? [$"Not finished: {report.Finished} of {report.Cells} cells are measured."]
            : Array.Empty<string>(),
        .. report.Notes,
    ];

    /// <summary>A record for each row, number of shots and baseline, under the names of the fields.</summary>
    public static IEnumerable<IReadOnlyList<object?>> Records(FewShotReport report)
    {
        yield return
        [
            "row", "learner", "backbone", "teacher", "way", "shot", "query", "tasks", "mean", "half_width", "tasks_per_second", "chosen",
            "at_steps", "poster", "baseline", "difference", "difference_half_width", "compared_tasks", "clear",
        ];
        foreach (var row in report.Rows)
            foreach (var cell in row.Cells)
                foreach (var difference in cell.Differences.DefaultIfEmpty())
                    yield return
                    [
                        row.Name, row.Learner, cell.Backbone, cell.Teacher, report.Way, cell.Shot, report.Query, cell.Tasks, cell.Mean,
                        cell.HalfWidth, cell.TasksPerSecond,
                        string.Join(' ', cell.Chosen.Select(pair => $"{pair.Key}={TableText.Field(pair.Value)}")),
                        string.Join(' ', cell.AtSteps.Select(at => $"{at.Steps}={TableText.Field(at.Mean)}")), cell.Poster,
                        difference?.Baseline, difference?.Points, difference?.HalfWidth, difference?.Tasks,
                        difference is null ? null : difference.IsClear ? "yes" : "no",
                    ];
    }

    private static TableSheet Accuracies(FewShotReport report) => new("Accuracy",
    [
        ["row", "network", .. Columns(report), "tasks", "tasks per second"],
        .. report.Rows.Select(row => (IReadOnlyList<string>)
        [
            row.Name, Network(row),
            .. ByShot(report, row, cell => cell.Mean is null ? TableSheet.None : Interval(cell.Mean, cell.HalfWidth)),
            Distinct(row, cell => TableSheet.Number(cell.Tasks, "0"), " / "),
            Each(row, cell => TableSheet.Number(cell.TasksPerSecond, cell.TasksPerSecond < 10 ? "0.0" : "0")),
        ]),
    ]);

    private static TableSheet Differences(FewShotReport report, string baseline)
    {
        TaskDifference? To(FewShotReportCell cell) => cell.Differences.FirstOrDefault(difference => difference.Baseline == baseline);
        return new($"Over {baseline}",
        [
            ["row", .. Columns(report), "tasks"],
            .. report.Rows.Where(row => row.Name != baseline).Select(row => (IReadOnlyList<string>)
            [
                row.Name,
                .. ByShot(report, row, cell => To(cell) is { } difference ? Text(difference) : TableSheet.None),
                Distinct(row, cell => TableSheet.Number(To(cell)?.Tasks, "0"), " / "),
            ]),
        ]);
    }

    private static string Text(TaskDifference difference)
    {
        var interval = $"{TableSheet.Signed(difference.Points)} ± {TableSheet.Number(difference.HalfWidth, "0.0")}";
        return difference.IsClear ? interval : $"{interval} {TableSheet.Unclear}";
    }

    private static TableSheet Steps(FewShotReport report) => new("After steps on the task",
    [
        ["row", "steps", .. Columns(report)],
        .. from row in report.Rows
           from steps in row.Cells.SelectMany(cell => cell.AtSteps).Select(at => at.Steps).Distinct().Order()
           where row.Cells.Any(cell => cell.AtSteps.Count > 1)
           select (IReadOnlyList<string>)[row.Name, TableSheet.Number(steps, "0"),
               .. ByShot(report, row, cell => cell.AtSteps.FirstOrDefault(at => at.Steps == steps) is { } at
                   ? Interval(at.Mean, at.HalfWidth)
                   : TableSheet.None)],
    ]);

    private static TableSheet Poster(FewShotReport report) => new(
        "The poster's, on other data: it names none, and its numbers fit mini-ImageNet with a ConvNet-4",
    [
        ["row", .. Columns(report)],
        .. report.Rows.Where(row => row.Cells.Any(cell => cell.Poster is not null))
            .Select(row => (IReadOnlyList<string>)[row.Name, .. ByShot(report, row, cell => TableSheet.Number(cell.Poster, "0.00"))]),
    ]);

    private static TableSheet Networks(FewShotReport report) => new("Networks",
    [
        ["network", "architecture", "method", "epochs", "validation tasks", "seconds"],
        .. report.Networks.Select(network => (IReadOnlyList<string>)
        [
            network.Name, network.Architecture, network.Run?.Method ?? "trained before", TableSheet.Number(network.Run?.Epochs, "0"),
            TableSheet.Number(network.Run?.Validation, "0.0"), TableSheet.Number(network.Run?.Seconds, "0"),
        ]),
    ]);

    private static IEnumerable<string> Columns(FewShotReport report) => report.Shots.Select(shot => $"{shot}-shot");

    private static IEnumerable<string> ByShot(FewShotReport report, FewShotReportRow row, Func<FewShotReportCell, string> text) =>
        report.Shots.Select(shot => row.Cells.FirstOrDefault(cell => cell.Shot == shot) is { } cell ? text(cell) : TableSheet.None);

    private static string Interval(double? mean, double? halfWidth) =>
        $"{TableSheet.Number(mean, "0.0")} ± {TableSheet.Number(halfWidth, "0.0")}";

    private static string Network(FewShotReportRow row) => Distinct(row, Network, ", ");

    /// <summary>The backbone, and the teacher behind it.</summary>
    private static string Network(FewShotReportCell cell) =>
        cell.Backbone is null ? TableSheet.None : cell.Teacher is null ? cell.Backbone : $"{cell.Backbone} by {cell.Teacher}";

    private static string Distinct(FewShotReportRow row, Func<FewShotReportCell, string> text, string between) =>
        row.Cells.Select(text).Where(one => one != TableSheet.None).Distinct().ToList() is { Count: > 0 } some
            ? string.Join(between, some) : TableSheet.None;

    private static string Each(FewShotReportRow row, Func<FewShotReportCell, string> text) =>
        row.Cells.All(cell => text(cell) == TableSheet.None) ? TableSheet.None : string.Join(" / ", row.Cells.Select(text));
}
