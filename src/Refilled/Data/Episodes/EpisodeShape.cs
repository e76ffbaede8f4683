using Refilled.Recipes;

namespace Refilled.Data.Episodes;

/// <summary>The size of a few-shot task: N-way K-shot with Q queries of each class.</summary>
public sealed record EpisodeShape : IValidated
{
    /// <summary>Classes of a task, N. Default 5.</summary>
    public int Way { get; init; } = 5;

    /// <summary>Labelled images of each class, K. Default 5.</summary>
    public int Shot { get; init; } = 5;

    /// <summary>Images of each class that are to be classified, Q. Default 15.</summary>
    public int Query { get; init; } = 15;

    /// <summary>Images of a whole task, N·(K + Q).</summary>
    internal int Images => Way * (Shot + Query);

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Way is < 2 or > 10_000) yield return ("way", $"must be from 2 to 10000, not {Way}");
        if (Shot is < 1 or > 10_000) yield return ("shot", $"must be from 1 to 10000, not {Shot}");
        if (Query is < 1 or > 10_000) yield return ("query", $"must be from 1 to 10000, not {Query}");
    }
}
