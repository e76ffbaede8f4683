using Refilled.Training;

namespace Refilled.Reports.Runs;

/// <summary>What tells cheaply whether anything in a run folder has changed: times and lengths, and whether a process holds it.</summary>
/// <param name="Files">Of each file the time of its last change and its length.</param>
/// <param name="IsHeld">Whether a process is at work.</param>
internal sealed record RunStamp(string Files, bool IsHeld)
{
    private static readonly string[] Names =
        [RunFolder.RecipeName, RunFolder.EnvironmentName, RunFolder.MetricsName, RunFolder.ResultName, RunFolder.NetworkName];

    /// <summary>A folder's.</summary>
    public static RunStamp Of(string path) => new(string.Join(' ', Names.Select(name =>
    {
        var file = new FileInfo(Path.Combine(path, name));
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks}/{file.Length}" : "-";
    })), RunFolder.IsHeld(path));
}
