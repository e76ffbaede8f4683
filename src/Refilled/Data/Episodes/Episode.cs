namespace Refilled.Data.Episodes;

/// <summary>A few-shot task drawn from a set. Images stand shot by shot: row s·N + c is image s of the task's class c, in the
/// support as in the queries.</summary>
/// <param name="Shape">Its size.</param>
/// <param name="Classes">The set's class that each of the task's classes 0 … N-1 is, <c>[N]</c>.</param>
/// <param name="Support">Positions in the set, <c>[K·N]</c>.</param>
/// <param name="Queries">Positions in the set, <c>[Q·N]</c>; none of them is in the support.</param>
public sealed record Episode(EpisodeShape Shape, IReadOnlyList<int> Classes, IReadOnlyList<int> Support, IReadOnlyList<int> Queries);
