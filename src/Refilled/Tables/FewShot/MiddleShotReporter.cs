using System.Globalization;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.Tables.Poster;

namespace Refilled.Tables.FewShot;

/// <summary>Makes the report of a table of few-shot learners of its results, without training or reading data.</summary>
public static class MiddleShotReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="found">Its results, checked to belong together; some may be missing.</param>
    public static MiddleShotReport Make(MiddleShotPlan plan, MiddleShotFound found)
    {
        var results = found.Cells.Values.ToList();
        var episode = plan.Cells[0].Recipe.Episode;
        return new MiddleShotReport(plan.Recipe.Title, plan.Recipe.Notes, plan.Recipe.Shots, [.. plan.Cells.Select(cell => cell.Row.Name).Distinct().Select(name => Row(plan, found, name))])
        {
            Baselines = plan.Recipe.Baselines,
            Networks = [.. plan.Networks.Where(found.Networks.ContainsKey).Select(network => found.Networks[network])],
            Published = plan.Recipe.Published is { } set ? [.. MiddleShotNumbers.Of(set).Select(Figures)] : [],
            Finished = results.Count,
            Cells = plan.Cells.Count,
            Data = results.FirstOrDefault()?.Data,
            Way = episode.Way,
            Query = episode.Query,
            DataHashes = [.. results.Select(result => result.DataHash).Distinct()],
            Machines = [.. results.Select(result => result.Machine).Distinct().Order(StringComparer.Ordinal)],
            Precisions = [.. results.Select(result => result.Precision).Distinct().Order(StringComparer.Ordinal)],
        };

        string Figures(MiddleShotNumbers.Figures figures) => $"{figures.Learner} with {figures.Network}: "
            + string.Join(", ", plan.Recipe.Shots.Where(shot => MiddleShotNumbers.At(figures.Numbers, shot) is not null).Select(shot => string.Create(CultureInfo.InvariantCulture, $"{MiddleShotNumbers.At(figures.Numbers, shot):0.0} % at {shot} shot{(shot == 1 ? "" : "s")}")));
    }

    private static MiddleShotReportRow Row(MiddleShotPlan plan, MiddleShotFound found, string name)
    {
        var cells = plan.Cells.Where(cell => cell.Row.Name == name).OrderBy(cell => plan.Recipe.Shots.ToList().IndexOf(cell.Shot)).ToList();
        return new MiddleShotReportRow(name, cells[0].Row.Learner, [.. cells.Select(cell => Cell(plan, found, cell))]);
    }

    private static MiddleShotReportCell Cell(MiddleShotPlan plan, MiddleShotFound found, MiddleShotCell cell)
    {
        var empty = new MiddleShotReportCell(cell.Shot) { Poster = MiddleShotNumbers.Poster(cell.Row.Name, cell.Shot) };
        if (!found.Cells.TryGetValue(cell, out var result)) return empty;
        var differences = from baseline in plan.Recipe.Baselines
                          where baseline != cell.Row.Name
                          let other = plan.Cells.FirstOrDefault(one => one.Row.Name == baseline && one.Shot == cell.Shot)
                          where other is not null && found.Cells.ContainsKey(other)
                          let paired = PairedTasks.Compute(Accuracies(result), Accuracies(found.Cells[other]))
                          select new TaskDifference(baseline, 100 * paired.Difference, 100 * paired.HalfWidth, paired.Tasks);
        return empty with
        {
            Mean = result.Mean,
            HalfWidth = result.HalfWidth,
            Tasks = result.Tasks,
            TasksPerSecond = result.TasksPerSecond,
            Backbone = result.Backbone,
            Teacher = result.Teacher,
            AtSteps = result.AtSteps,
            Chosen = result.Chosen,
            Differences = [.. differences],
        };
    }

    private static List<double> Accuracies(FewShotRunResult result) => [.. result.Right.Select(right => (double)right / result.Queries)];
}
