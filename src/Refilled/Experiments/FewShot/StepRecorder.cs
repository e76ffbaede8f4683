using System.Collections.Concurrent;
using Refilled.FewShot;

namespace Refilled.Experiments.FewShot;

/// <summary>Asks a learner that trains on each task on its way, too, and keeps how it did.</summary>
/// <param name="learner">The learner.</param>
internal sealed class StepRecorder(IAnytimeLearner learner) : IFewShotLearner
{
    /// <summary>Where learners are compared; those that take fewer steps are asked at fewer.</summary>
    private static readonly int[] Usual = [20, 50, 100];

    private readonly int[] marks = [.. Usual.Where(mark => mark < learner.Steps), learner.Steps];
    private readonly ConcurrentDictionary<long, double[]> accuracies = new();

    /// <inheritdoc/>
    public string Name => learner.Name;

    /// <inheritdoc/>
    public void Prepare(FewShotSource source, CancellationToken cancel = default) => learner.Prepare(source, cancel);

    /// <inheritdoc/>
    public int[] Solve(FewShotTask task)
    {
        var answers = learner.SolveAt(task, marks);
        accuracies[task.Number] =
            [.. marks.Select(mark => task.Query.Right(answers[mark]).Average(right => right ? 1.0 : 0))];
        return answers[learner.Steps];
    }

    /// <summary>The accuracies over the tasks that were solved, in the order of the steps.</summary>
    public IReadOnlyList<StepAccuracy> Accuracies()
    {
        var tasks = accuracies.OrderBy(pair => pair.Key).Select(pair => pair.Value).ToList();
        return [.. marks.Select((mark, i) =>
            new StepAccuracy(mark, Percent.Of(tasks.Average(task => task[i])),
                Percent.Of(FewShotResult.HalfWidthOf([.. tasks.Select(task => task[i])]))))];
    }
}
