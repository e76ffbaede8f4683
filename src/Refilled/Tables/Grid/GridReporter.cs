using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Tables.Poster;

namespace Refilled.Tables.Grid;

/// <summary>Makes a table's report of its results, without training or reading data.</summary>
internal static class GridReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="results">Its results, checked to belong together; some may be missing.</param>
    public static GridReport Make(GridPlan plan, FoundResults results)
    {
        var sections = from split in plan.Recipe.Splits
                       from student in plan.Recipe.Students
                       select Section(plan, results, split, student.Text);
        var students = plan.Cells.Select(results.Of<RunResult>).OfType<RunResult>().ToList();
        return TableReport.Of(new GridReport(plan.Recipe.Title, plan.Recipe.Notes, [.. sections])
        {
            Baselines = plan.Recipe.BaselineNames,
            Finished = students.Count,
            Runs = plan.Cells.Count,
        }, students);
    }

    private static GridSection Section(GridPlan plan, FoundResults results, GridSplit split, string student)
    {
        var cells = plan.Cells.Where(cell =>
            cell.Split == split.Name && (cell.Student == student || cell.Student == GridCell.Own)).ToList();
        var byMethod = cells.GroupBy(cell => cell.Method)
            .ToDictionary(group => group.Key, group => group.Where(results.Has)
                .ToDictionary(cell => cell.Seed, cell => results.Of<RunResult>(cell)!));
        var found = byMethod.Values.SelectMany(runs => runs.Values).ToList();
        var teacherCell = cells.Select(cell => cell.Teacher).FirstOrDefault(teacher => teacher is not null);
        var teacher = found.Select(result => result.Teacher).FirstOrDefault(name => name is not null) ?? teacherCell?.Recipe.Student;
        var poster = new PosterSetting(plan.Recipe.Setting, found.FirstOrDefault()?.Data, teacher, student, split.Name, cells[0].Recipe);
        return new GridSection(split.Name, student, [.. plan.Recipe.Methods.Select(method => Row(method.Text))])
        {
            Data = found.FirstOrDefault()?.Data,
            Classes = cells[0].Recipe.Classes,
            Teacher = teacher,
            TeacherTop1 = teacherCell is null ? null : results.Of<RunResult>(teacherCell)?.Top1Selected,
            TrainImages = found.FirstOrDefault()?.TrainImages,
            TestImages = found.FirstOrDefault()?.TestImages,
            PosterNote = poster.Note,
        };

        GridRow Row(string method)
        {
            var runs = byMethod[method];
            var row = new GridRow(method, [.. runs.Keys.Order()]) { IsFixed = IsFixed(method), Poster = poster.NumberFor(method) };
            if (runs.Count == 0) return row with { Gains = Gains(method) };
            return row with
            {
                Epochs = runs.Values.First().Epochs,
                Top1 = runs.Values.Average(run => run.Top1),
                Deviation = Deviation([.. runs.Values.Select(run => run.Top1)]),
                Top1Selected = runs.Values.Average(run => run.Top1Selected),
                Ncm = runs.Values.Average(run => run.Ncm),
                Seconds = runs.Values.Average(run => run.Seconds),
                Gains = Gains(method),
            };
        }

        List<GridGain> Gains(string method) =>
            [.. plan.Recipe.BaselineNames.Where(baseline => baseline != method)
                .Select(baseline => new GridGain(baseline, Gain(method, baseline)))];

        PairedGain? Gain(string method, string baseline)
        {
            var pairs = from seed in plan.Recipe.Seeds
                        let pair = (Method: Of(method, seed), Baseline: Of(baseline, seed))
                        where pair.Method is not null && pair.Baseline is not null
                        select (Method: Right(pair.Method), Baseline: Right(pair.Baseline));
            return pairs.ToList() is { Count: > 0 } all
                ? PairedGain.Compute([.. all.Select(pair => pair.Method)], [.. all.Select(pair => pair.Baseline)]) : null;
        }

        // What has no randomness is the same with every seed.
        RunResult? Of(string method, int seed) =>
            IsFixed(method) ? byMethod[method].Values.FirstOrDefault() : byMethod[method].GetValueOrDefault(seed);

        bool IsFixed(string method) => cells.First(cell => cell.Method == method).Recipe.CreateMethod().Classifier is not null;
    }

    private static IReadOnlyList<bool> Right(RunResult result) => RightImages.Decode(result.Right!, result.TestImages);

    private static double? Deviation(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return null;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
