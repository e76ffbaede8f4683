namespace Refilled.Native;

/// <summary>What was done to load the engine.</summary>
/// <param name="Loaded">The libraries that were loaded here, in order; empty where the engine loads its own.</param>
/// <param name="PatchedCopy">The adapted copy that was loaded in place of the original, or null.</param>
/// <param name="Reason">Why the copy was needed: the system's own message; null without a copy.</param>
public sealed record NativeReport(IReadOnlyList<string> Loaded, string? PatchedCopy, string? Reason);
