using System.Diagnostics;
using Refilled.Tests.Support;

namespace Refilled.PerformanceTests;

/// <summary>The command as it is installed: published once, compiled ahead of time.</summary>
public sealed class InstalledCommand : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public InstalledCommand()
    {
        var start = new ProcessStartInfo("dotnet", ["publish", Path.Combine(Repository.Root, "src", "Refilled.Cli"), "-c", "Release",
            "--use-current-runtime", "--no-self-contained", "-o", folder.Path, "--nologo", "-v", "quiet"])
        {
            RedirectStandardOutput = true,
        };
        // What the test host sets would lead the build to another SDK.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var publish = Process.Start(start)!;
        var output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        Assert.True(publish.ExitCode == 0, output);
    }

    /// <summary>Runs it to its end.</summary>
    public (int Code, TimeSpan Time) Run(params string[] args)
    {
        var start = new ProcessStartInfo(Path.Combine(folder.Path, "Refilled.Cli"), args)
            { RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, watch.Elapsed);
    }

    public void Dispose() => folder.Dispose();
}
