using Refilled.Tests.Engine;

/// <summary>Keeps the collector busy in any program: DOTNET_STARTUP_HOOKS names this assembly. The runtime looks for this name.</summary>
internal static class StartupHook
{
    private static BusyCollector? busy;

    public static void Initialize() => busy ??= new BusyCollector(1, TimeSpan.FromMilliseconds(1));
}
