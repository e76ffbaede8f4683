using Refilled.Recipes;

namespace Refilled.Data.Episodes;

/// <summary>A few-shot task drawn from a set.</summary>
/// <remarks>Images stand shot by shot: row s·N + c is image s of the task's class c, in the support as in the queries.</remarks>
/// <param name="Shape">Its size.</param>
/// <param name="Classes">The set's class that each of the task's classes 0 … N-1 is, <c>[N]</c>.</param>
/// <param name="Support">Positions in the set, <c>[K·N]</c>.</param>
/// <param name="Queries">Positions in the set, <c>[Q·N]</c>; none of them is in the support.</param>
public sealed record Episode(EpisodeShape Shape, IReadOnlyList<int> Classes, IReadOnlyList<int> Support, IReadOnlyList<int> Queries);

/// <summary>The size of a few-shot task: N-way K-shot with Q queries of each class.</summary>
public sealed record EpisodeShape : IValidated
{
    /// <summary>Classes of a task, N. Default 5.</summary>
    public int Way { get; init; } = 5;

    /// <summary>Labelled images of each class, K. Default 5.</summary>
    public int Shot { get; init; } = 5;

    /// <summary>Images of each class that are to be classified, Q. Default 15.</summary>
    public int Query { get; init; } = 15;

    /// <summary>Images of a task that are to be classified, N·Q.</summary>
    internal int Queries => Way * Query;

    /// <summary>Images of a whole task, N·(K + Q).</summary>
    internal int Images => Way * (Shot + Query);

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("way", Way, 2, 10_000),
        .. Check.Range("shot", Shot, 1, 10_000),
        .. Check.Range("query", Query, 1, 10_000),
    ];
}
