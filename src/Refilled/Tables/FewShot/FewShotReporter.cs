using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.Tables.Poster;
using static System.FormattableString;

namespace Refilled.Tables.FewShot;

/// <summary>Makes the report of a table of few-shot learners of its results, without training or reading data.</summary>
internal static class FewShotReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="found">Its results, checked to belong together; some may be missing.</param>
    public static FewShotReport Make(FewShotPlan plan, FoundResults found)
    {
        var results = plan.Cells.Select(found.Of<FewShotRunResult>).OfType<FewShotRunResult>().ToList();
        var episode = plan.Cells[0].Recipe.Episode;
        return TableReport.Of(new FewShotReport(plan.Recipe.Title, plan.Recipe.Notes, plan.Recipe.Shots,
            [.. plan.Cells.Select(cell => cell.Row.Name).Distinct().Select(name => Row(plan, found, name))])
        {
            Baselines = plan.Recipe.Baselines,
            Networks = [.. plan.Networks.Select(found.Of<NetworkRecord>).OfType<NetworkRecord>()],
            Published = plan.Recipe.Published is { } set ? [.. FewShotNumbers.Of(set).Select(Figures)] : [],
            Finished = results.Count,
            Cells = plan.Cells.Count,
            Data = results.FirstOrDefault()?.Data,
            Way = episode.Way,
            Query = episode.Query,
        }, results);

        string Figures(FewShotNumbers.Figures figures) => $"{figures.Learner} with {figures.Network}: "
            + string.Join(", ", plan.Recipe.Shots.Where(shot => FewShotNumbers.At(figures.Numbers, shot) is not null)
                .Select(shot => Invariant($"{FewShotNumbers.At(figures.Numbers, shot):0.0} % at {shot} shot{(shot == 1 ? "" : "s")}")));
    }

    private static FewShotReportRow Row(FewShotPlan plan, FoundResults found, string name)
    {
        var cells = plan.Cells.Where(cell => cell.Row.Name == name).OrderBy(cell => plan.Recipe.Shots.ToList().IndexOf(cell.Shot)).ToList();
        return new FewShotReportRow(name, cells[0].Row.Learner, [.. cells.Select(cell => Cell(plan, found, cell))]);
    }

    private static FewShotReportCell Cell(FewShotPlan plan, FoundResults found, FewShotCell cell)
    {
        var empty = new FewShotReportCell(cell.Shot) { Poster = FewShotNumbers.Poster(cell.Row.Name, cell.Shot) };
        if (found.Of<FewShotRunResult>(cell) is not { } result) return empty;
        var differences = from baseline in plan.Recipe.Baselines
                          where baseline != cell.Row.Name
                          let other = plan.Cells.FirstOrDefault(one => one.Row.Name == baseline && one.Shot == cell.Shot)
                          let others = other is null ? null : found.Of<FewShotRunResult>(other)
                          where others is not null
                          let paired = PairedTasks.Compute(Accuracies(result), Accuracies(others))
                          select new TaskDifference(baseline, 100 * paired.Difference, 100 * paired.HalfWidth, paired.Tasks);
        return empty with
        {
            Mean = result.Mean, HalfWidth = result.HalfWidth,
            Tasks = result.Tasks, TasksPerSecond = result.TasksPerSecond,
            Backbone = result.Backbone, Teacher = result.Teacher,
            AtSteps = result.AtSteps,
            Chosen = result.Chosen,
            Differences = [.. differences],
        };
    }

    private static List<double> Accuracies(FewShotRunResult result) => [.. result.Right.Select(right => (double)right / result.Queries)];
}
