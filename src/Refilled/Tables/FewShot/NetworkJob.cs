using Refilled.Experiments;

namespace Refilled.Tables.FewShot;

/// <summary>A network of a table, ready to be trained.</summary>
/// <param name="Network">Which one.</param>
/// <param name="Recipe">How, with the place of what it starts from.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="Resume">Whether it was begun before, and goes on.</param>
public sealed record NetworkJob(TableNetwork Network, Recipe Recipe, string Folder, bool Resume);
