using Refilled.Experiments;

namespace Refilled.Tables.FewShot;

/// <summary>What is kept of a network of a table beside the results: which file they were measured with, and how it was trained.</summary>
/// <param name="Name">The network's name in the table.</param>
/// <param name="Architecture">The network's architecture.</param>
/// <param name="Hash">SHA-256 of its file.</param>
/// <param name="AdapterHash">SHA-256 of the file of what was trained beside it; null where nothing was.</param>
/// <param name="Run">The run that trained it; null where the table took it as it was.</param>
public sealed record NetworkRecord(string Name, string Architecture, string Hash, string? AdapterHash, RunResult? Run);
