using Refilled.Experiments;
using Refilled.Tables;

namespace Refilled.Figures.FirstStage;

/// <summary>Makes a first-stage figure's report of its results, without training or reading data.</summary>
internal static class FirstStageReporter
{
    /// <summary>The report.</summary>
    /// <param name="plan">The figure.</param>
    /// <param name="found">Its results, checked to belong together; some may be missing.</param>
    public static FirstStageReport Make(FirstStagePlan plan, FoundResults found)
    {
        var done = plan.Runs.Select(run => (run.Cell.Method, Result: found.Of<FigureResult<ClusterMeasures>>(run)))
            .Where(one => one.Result is not null).Select(one => (one.Method, Result: one.Result!))
            .ToLookup(one => one.Method, one => one.Result);
        var runs = done.SelectMany(own => own).ToList();
        var shown = runs.FirstOrDefault(result => result.Measures.Maps is not null);
        var teacher = runs.Select(result => result.Run.Teacher).FirstOrDefault(name => name is not null);
        return TableReport.Of(new FirstStageReport(plan.Title,
            [.. plan.Recipe.Methods.Select(method => Line(method.Text, [.. done[method.Text]]))])
        {
            Notes = plan.Recipe.Notes, Student = plan.Recipe.Student.Text, Clusterings = plan.Recipe.Clusterings,
            TeacherNetwork = teacher, Teacher = shown?.Measures.OfTeacher, TrainImages = runs.FirstOrDefault()?.Run.TrainImages,
            Mapped = plan.Recipe.Map.Method, Maps = shown?.Measures.Maps, Triplet = shown?.Measures.Triplet,
            Finished = runs.Count, Runs = plan.Runs.Count,
        }, [.. runs.Select(result => (Measured)result.Run)]);
    }

    private static ClusterLine Line(string method, IReadOnlyList<FigureResult<ClusterMeasures>> runs)
    {
        var byEpoch = runs.SelectMany(run => run.Measures.Epochs).GroupBy(own => own.Epoch).OrderBy(own => own.Key)
            .Where(own => own.Count() == runs.Count);
        return new(method, runs.Count, [.. byEpoch.Select(own => new ClusterPoint(own.Key,
            MeasureSpread.Of([.. own.Select(one => one.HeldOut)]), MeasureSpread.Of([.. own.Select(one => one.Unseen)])))]);
    }
}
