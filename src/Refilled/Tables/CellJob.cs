using Refilled.Experiments;

namespace Refilled.Tables;

/// <summary>A run of a table, ready to be started.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="Recipe">What is run, with the paths of its teacher and caches and its number of threads.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="Resume">Whether it was begun before, and goes on.</param>
public sealed record CellJob(TableCell Cell, Recipe Recipe, string Folder, bool Resume);
