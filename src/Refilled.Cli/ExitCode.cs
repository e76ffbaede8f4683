namespace Refilled.Cli;

/// <summary>The command's exit codes.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The run failed after it had begun.</summary>
    public const int Failed = 1;

    /// <summary>The input is unusable; found before anything trained.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl-C; resumable.</summary>
    public const int Interrupted = 130;
}
