namespace Refilled.FewShot;

/// <summary>How much better a learner is than another over the same tasks.</summary>
/// <remarks>The difference is taken task by task: how hard a task is, which makes most of the deviation, falls out.</remarks>
/// <param name="Difference">Mean over the tasks of the learner's accuracy minus the other's, from -1 to 1.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval, <c>1.96·s/√T</c>, s the deviation of the differences.</param>
/// <param name="Tasks">Number of tasks, T.</param>
internal sealed record PairedTasks(double Difference, double HalfWidth, int Tasks)
{
    /// <summary>Whether the interval doesn't span zero.</summary>
    public bool IsClear => Math.Abs(Difference) > HalfWidth;

    /// <summary>Compares two learners by the tasks that both were asked: the first ones of either.</summary>
    /// <param name="learner">Accuracies of the one, task by task.</param>
    /// <param name="baseline">Those of the other.</param>
    public static PairedTasks Compute(IReadOnlyList<double> learner, IReadOnlyList<double> baseline)
    {
        double[] differences = [.. learner.Zip(baseline, (a, b) => a - b)];
        return new PairedTasks(differences.Average(), FewShotResult.HalfWidthOf(differences), differences.Length);
    }
}
