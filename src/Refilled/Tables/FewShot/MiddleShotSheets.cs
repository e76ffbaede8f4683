using System.Globalization;

namespace Refilled.Tables.FewShot;

/// <summary>A report's tables and legend as texts, for Markdown and the terminal alike.</summary>
internal static class MiddleShotSheets
{
    /// <summary>Stands for a number that there isn't.</summary>
    private const string None = "–";

    /// <summary>The tables.</summary>
    public static IReadOnlyList<MiddleShotSheet> Of(MiddleShotReport report) =>
    [
        Accuracies(report),
        .. report.Baselines.Select(baseline => Differences(report, baseline)),
        .. Steps(report) is { Lines.Count: > 1 } steps ? [steps] : Array.Empty<MiddleShotSheet>(),
        .. Poster(report) is { Lines.Count: > 1 } poster ? [poster] : Array.Empty<MiddleShotSheet>(),
        .. Networks(report) is { Lines.Count: > 1 } networks ? [networks] : Array.Empty<MiddleShotSheet>(),
    ];

    /// <summary>What stands below them: how to read them.</summary>
    public static IReadOnlyList<string> Legend(MiddleShotReport report) =>
    [
        $"Accuracy in percent over tasks of {report.Way} new classes with {report.Query} queries each: mean ± half the width of its 95 % interval, 1.96·s/√T over T tasks. Tasks per second, training on the task included, at each number of shots.",
        $"Differences in points are taken task by task, over the tasks that both rows were asked, with a 95 % interval; {TableCells.Unclear} marks those whose interval spans zero: they allow no claim about the ranking. Each interval is for one comparison by itself, and for these networks: it says nothing of others trained alike.",
        .. report.Published.Count > 0 ? [$"Published elsewhere, with longer schedules: {string.Join("; ", report.Published)}."] : Array.Empty<string>(),
        .. report.Finished < report.Cells ? [$"Not finished: {report.Finished} of {report.Cells} cells are measured."] : Array.Empty<string>(),
        .. report.Notes,
        .. report.Finished > 0
            ? [$"Results version {report.ResultsVersion}; data {string.Join(", ", report.DataHashes.Select(hash => $"`{hash[..Math.Min(12, hash.Length)]}`"))}; {string.Join(", ", report.Precisions)}; {string.Join(" and ", report.Machines)}."]
            : Array.Empty<string>(),
    ];

    private static MiddleShotSheet Accuracies(MiddleShotReport report) => new("Accuracy",
    [
        ["row", "network", .. Columns(report), "tasks", "tasks per second"],
        .. report.Rows.Select(row => (IReadOnlyList<string>)
        [
            row.Name, Network(row), .. ByShot(report, row, cell => cell.Mean is null ? None : $"{Number(cell.Mean, "0.0")} ± {Number(cell.HalfWidth, "0.0")}"),
            Distinct(row, cell => Number(cell.Tasks, "0"), " / "), Each(row, cell => Number(cell.TasksPerSecond, cell.TasksPerSecond < 10 ? "0.0" : "0")),
        ]),
    ]);

    private static MiddleShotSheet Differences(MiddleShotReport report, string baseline)
    {
        TaskDifference? To(MiddleShotReportCell cell) => cell.Differences.FirstOrDefault(difference => difference.Baseline == baseline);
        return new($"Over {baseline}",
        [
            ["row", .. Columns(report), "tasks"],
            .. report.Rows.Where(row => row.Name != baseline).Select(row => (IReadOnlyList<string>)
            [
                row.Name, .. ByShot(report, row, cell => To(cell) is { } difference ? $"{Signed(difference.Points)} ± {Number(difference.HalfWidth, "0.0")}{(difference.IsClear ? "" : " " + TableCells.Unclear)}" : None),
                Distinct(row, cell => Number(To(cell)?.Tasks, "0"), " / "),
            ]),
        ]);
    }

    private static MiddleShotSheet Steps(MiddleShotReport report) => new("After steps on the task",
    [
        ["row", "steps", .. Columns(report)],
        .. from row in report.Rows
           from steps in row.Cells.SelectMany(cell => cell.AtSteps).Select(at => at.Steps).Distinct().Order()
           where row.Cells.Any(cell => cell.AtSteps.Count > 1)
           select (IReadOnlyList<string>)[row.Name, Number(steps, "0"), .. ByShot(report, row, cell => cell.AtSteps.FirstOrDefault(at => at.Steps == steps) is { } at ? $"{Number(at.Mean, "0.0")} ± {Number(at.HalfWidth, "0.0")}" : None)],
    ]);

    private static MiddleShotSheet Poster(MiddleShotReport report) => new("The poster's, on other data: it names none, and its numbers fit mini-ImageNet with a ConvNet-4",
    [
        ["row", .. Columns(report)],
        .. report.Rows.Where(row => row.Cells.Any(cell => cell.Poster is not null)).Select(row => (IReadOnlyList<string>)[row.Name, .. ByShot(report, row, cell => Number(cell.Poster, "0.00"))]),
    ]);

    private static MiddleShotSheet Networks(MiddleShotReport report) => new("Networks",
    [
        ["network", "architecture", "method", "epochs", "validation tasks", "seconds"],
        .. report.Networks.Select(network => (IReadOnlyList<string>)
        [
            network.Name, network.Architecture, network.Run?.Method ?? "trained before", Number(network.Run?.Epochs, "0"), Number(network.Run?.Validation, "0.0"), Number(network.Run?.Seconds, "0"),
        ]),
    ]);

    private static IEnumerable<string> Columns(MiddleShotReport report) => report.Shots.Select(shot => $"{shot}-shot");

    private static IEnumerable<string> ByShot(MiddleShotReport report, MiddleShotReportRow row, Func<MiddleShotReportCell, string> text) =>
        report.Shots.Select(shot => row.Cells.FirstOrDefault(cell => cell.Shot == shot) is { } cell ? text(cell) : None);

    /// <summary>The backbone, and the teacher behind it.</summary>
    private static string Network(MiddleShotReportRow row) => Distinct(row, cell => cell.Backbone is null ? None : cell.Teacher is null ? cell.Backbone : $"{cell.Backbone} by {cell.Teacher}", ", ");

    private static string Distinct(MiddleShotReportRow row, Func<MiddleShotReportCell, string> text, string between) =>
        row.Cells.Select(text).Where(one => one != None).Distinct().ToList() is { Count: > 0 } some ? string.Join(between, some) : None;

    private static string Each(MiddleShotReportRow row, Func<MiddleShotReportCell, string> text) => row.Cells.All(cell => text(cell) == None) ? None : string.Join(" / ", row.Cells.Select(text));

    private static string Signed(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;
}
