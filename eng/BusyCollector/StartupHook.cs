using Refilled.Tests.Engine;

/// <summary>Keeps the collector busy in each process of ours: DOTNET_STARTUP_HOOKS names this assembly. The runtime looks for this
/// name.</summary>
internal static class StartupHook
{
    private static BusyCollector? busy;

    /// <summary>Starts it, but not in the tools that start our processes, which would only take time from them.</summary>
    public static void Initialize()
    {
        if (Path.GetFileName(Environment.GetCommandLineArgs()[0]).StartsWith("Refilled.", StringComparison.Ordinal))
            busy ??= new BusyCollector(1, TimeSpan.FromMilliseconds(5));
    }
}
