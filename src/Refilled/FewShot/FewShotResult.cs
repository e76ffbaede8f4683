namespace Refilled.FewShot;

/// <summary>How a learner did over many tasks.</summary>
/// <param name="Learner">The learner's name.</param>
/// <param name="Tasks">Which tasks they were: <see cref="FewShotTasks.Fingerprint"/>.</param>
/// <param name="Accuracies">The part of its queries that are right in each task, in [0, 1], <c>[T]</c>.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record FewShotResult(string Learner, string Tasks, IReadOnlyList<double> Accuracies, double Seconds)
{
    /// <summary>Mean accuracy over the tasks, in [0, 1].</summary>
    public double Mean => Accuracies.Average();

    /// <summary>Half the width of the mean's 95 % interval, <c>1.96·s/√T</c>, s the deviation between tasks.</summary>
    public double HalfWidth => HalfWidthOf(Accuracies);

    /// <summary>1.96·s/√T of T numbers, s with T - 1.</summary>
    internal static double HalfWidthOf(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return 1.96 * Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count);
    }
}

/// <summary>How many of a class's images were classified right.</summary>
/// <param name="Name">The class.</param>
/// <param name="Support">Labelled images.</param>
/// <param name="Query">Images that were classified.</param>
/// <param name="Right">Those of them that are right.</param>
internal sealed record ClassAccuracy(string Name, int Support, int Query, int Right);
