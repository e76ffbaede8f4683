using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Recipes;

namespace Refilled.Experiments;

/// <summary>Few-shot tasks over classes of their own that choose the best epoch of every stage; see
/// <see cref="Training.SelectionMeasure.Episodes"/>.</summary>
[Shorthand(nameof(Classes))]
public sealed record ValidationEpisodes : IValidated
{
    /// <summary>The classes that the tasks are drawn from, such as "64-79" or "group:val"; none of them is trained on.</summary>
    /// <remarks>See <see cref="ClassSpec"/>; a file of names may lie beside the recipe.</remarks>
    [BesideRecipe]
    public required string Classes { get; init; }

    /// <summary>Number of tasks, T; the same ones at every epoch, decided by <see cref="SeedSettings.HoldOut"/>. Default 200.</summary>
    public int Tasks { get; init; } = 200;

    /// <summary>Classes of a task, N. Default 5.</summary>
    [AlsoWithin("episode", "way")]
    public int Way { get; init; } = 5;

    /// <summary>Labelled images of each class, K. Default 1.</summary>
    [AlsoWithin("episode", "shot")]
    public int Shot { get; init; } = 1;

    /// <summary>Images of each class that are to be classified, Q. Default 15.</summary>
    [AlsoWithin("episode", "query")]
    public int Query { get; init; } = 15;

    /// <summary>The size of a task.</summary>
    internal EpisodeShape Shape => new() { Way = Way, Shot = Shot, Query = Query };

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Parses("classes", Classes, spec => ClassSpec.Parse(spec)),
        .. Check.Range("tasks", Tasks, 2, 1_000_000),
        .. Shape.Validate(),
    ];
}
