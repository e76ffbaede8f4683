using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Tables.Poster;

namespace Refilled.Tables;

/// <summary>Makes a table's report of its results, without training or reading data.</summary>
public static class TableReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="results">Its results, checked to belong together; some may be missing.</param>
    public static TableReport Make(TablePlan plan, IReadOnlyDictionary<TableCell, RunResult> results)
    {
        var sections = from split in plan.Recipe.Splits
                       from student in plan.Recipe.Students
                       select Section(plan, results, split, student.Text);
        var students = plan.Cells.Where(results.ContainsKey).Select(cell => results[cell]).ToList();
        return new TableReport(plan.Recipe.Title, plan.Recipe.Notes, [.. sections])
        {
            Baselines = plan.Recipe.BaselineNames,
            Finished = students.Count,
            Runs = plan.Cells.Count,
            DataHashes = [.. students.Select(result => result.DataHash).Distinct()],
            Machines = [.. students.Select(result => result.Machine).Distinct().Order(StringComparer.Ordinal)],
            Precisions = [.. students.Select(result => result.Precision).Distinct()],
        };
    }

    private static TableSection Section(TablePlan plan, IReadOnlyDictionary<TableCell, RunResult> results, TableSplit split, string student)
    {
        var cells = plan.Cells.Where(cell => cell.Split == split.Name && (cell.Student == student || cell.Student == TableCell.Own)).ToList();
        var byMethod = cells.GroupBy(cell => cell.Method).ToDictionary(group => group.Key, group => group.Where(results.ContainsKey).ToDictionary(cell => cell.Seed, cell => results[cell]));
        var found = byMethod.Values.SelectMany(runs => runs.Values).ToList();
        var teacherCell = cells.Select(cell => cell.Teacher).FirstOrDefault(teacher => teacher is not null);
        var teacher = found.Select(result => result.Teacher).FirstOrDefault(name => name is not null) ?? teacherCell?.Recipe.Student;
        var poster = new PosterSetting(plan.Recipe.Setting, found.FirstOrDefault()?.Data, teacher, student, split.Name, cells[0].Recipe);
        return new TableSection(split.Name, student, [.. plan.Recipe.Methods.Select(method => Row(method.Text))])
        {
            Data = found.FirstOrDefault()?.Data,
            Classes = cells[0].Recipe.Classes,
            Teacher = teacher,
            TeacherTop1 = teacherCell is not null && results.TryGetValue(teacherCell, out var taught) ? taught.Top1Selected : null,
            TrainImages = found.FirstOrDefault()?.TrainImages,
            TestImages = found.FirstOrDefault()?.TestImages,
            PosterNote = poster.Note,
        };

        TableRow Row(string method)
        {
            var runs = byMethod[method];
            var poorer = cells.First(cell => cell.Method == method).Recipe.CreateMethod();
            var row = new TableRow(method, [.. runs.Keys.Order()]) { IsFixed = poorer.Classifier is not null, Poster = poster.NumberFor(method) };
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

        List<TableGain> Gains(string method) => [.. plan.Recipe.BaselineNames.Where(baseline => baseline != method).Select(baseline => new TableGain(baseline, Gain(method, baseline)))];

        PairedGain? Gain(string method, string baseline)
        {
            bool Fixed(string name) => cells.First(cell => cell.Method == name).Recipe.CreateMethod().Classifier is not null;
            RunResult? Of(string name, int seed) => Fixed(name) ? byMethod[name].Values.FirstOrDefault() : byMethod[name].GetValueOrDefault(seed);
            // What has no randomness is the same with every seed.
            var pairs = plan.Recipe.Seeds.Select(seed => (Method: Of(method, seed), Baseline: Of(baseline, seed))).Where(pair => pair.Method is not null && pair.Baseline is not null).ToList();
            return pairs.Count == 0 ? null : PairedGain.Compute([.. pairs.Select(pair => Right(pair.Method!))], [.. pairs.Select(pair => Right(pair.Baseline!))]);
        }
    }

    private static IReadOnlyList<bool> Right(RunResult result) => RightImages.Decode(result.Right!, result.TestImages);

    private static double? Deviation(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return null;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
