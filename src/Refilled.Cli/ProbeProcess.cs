using System.Collections.Concurrent;
using Refilled.Cli.Commands;
using Refilled.Weights;

namespace Refilled.Cli;

/// <summary>Opens a teacher of another framework in a process of its own first, so that a crash of that framework is a message.</summary>
/// <param name="seconds">How long it may take.</param>
internal sealed class ProbeProcess(int seconds = 300)
{
    /// <summary>What was found good already, by its content.</summary>
    private readonly ConcurrentDictionary<string, bool> good = [];

    /// <summary>Opens it, unless the same was opened before.</summary>
    /// <param name="place">The teacher.</param>
    /// <exception cref="InputException">It is refused there, or makes the process crash or hang.</exception>
    public void Check(NetworkPlace place)
    {
        var key = $"{place.Hash} {Path.GetFullPath(place.Name)}";
        if (good.ContainsKey(key)) return;
        Open(place);
        good[key] = true;
    }

    private void Open(NetworkPlace place)
    {
        var start = OwnCommand.With([ProbeCommand.Verb, place.Path]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment[CellProcess.StopVariable] = "1";
        using var process = System.Diagnostics.Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill();
            throw new InputException($"The {place.Role} '{place.Path}' isn't opened within {seconds} seconds, and was given up. "
                + "Name another one, or export it anew.");
        }
        process.WaitForExit();
        _ = output.Result;
        if (Refusal(place, process.ExitCode, error.Result.Trim()) is { } why) throw new InputException(why);
    }

    /// <summary>What is said of a teacher whose process has ended so; null where it is good.</summary>
    /// <param name="place">The teacher.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="said">What it said.</param>
    internal static string? Refusal(NetworkPlace place, int exitCode, string said) => exitCode switch
    {
        ExitCode.Done => null,
        ExitCode.BadInput when said.Length > 0 => said,
        _ => $"The {place.Role} '{place.Path}' makes the program that opens it crash (exit code {exitCode}"
            + $"{(said.Length > 0 ? $": {said.Split('\n')[0]}" : "")}). It was opened in a process of its own, and isn't used. "
            + "Name another one, or export it anew.",
    };
}
