using System.Diagnostics;
using Refilled.Native;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>The adapted copy of the native library, made by whole processes. On systems that need no copy there is
/// nothing to make, and the tests are skipped. The command stops right after it has loaded the engine.</summary>
public sealed class NativeCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public NativeCacheTests()
    {
        if (TorchRuntime.Load().PatchedCopy is null) Assert.Skip("this system needs no adapted copy");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_processes_at_once_make_one_whole_copy()
    {
        var runs = Enumerable.Range(0, 2).Select(_ =>
            CommandProcess.Start(["distill", "--data", "generated", "--teacher", "nowhere"], ("REFILLED_CACHE", folder["cache"]))).ToList();
        foreach (var run in runs)
        {
            using (run) Assert.Contains("There is no teacher", run.Wait().Error, StringComparison.Ordinal);
        }
        var copy = Assert.Single(Directory.GetFiles(folder["cache", "native"]));
        Assert.Equal(File.ReadAllBytes(TorchRuntime.Load().PatchedCopy!), File.ReadAllBytes(copy));
    }

    /// <summary>A loose umask must not let others put code into the folder that this user loads from.</summary>
    [Fact]
    public void Nobody_else_may_write_the_copy_or_its_folders()
    {
        if (OperatingSystem.IsWindows()) return; // the constructor has skipped the test already
        var start = new ProcessStartInfo("sh", ["-c", "umask 0; exec dotnet \"$0\" distill --data generated --teacher nowhere",
            typeof(CommandLine).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REFILLED_CACHE"] = folder["cache"];
        using var process = Process.Start(start)!;
        Assert.Contains("There is no teacher", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
        process.WaitForExit();
        const UnixFileMode othersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        var copy = Assert.Single(Directory.GetFiles(folder["cache", "native"]));
        foreach (var path in new[] { copy, folder["cache", "native"], folder["cache"] })
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & othersWrite);
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_is_named()
    {
        File.WriteAllText(folder["file"], "");
        using var run = CommandProcess.Start(["doctor"], ("REFILLED_CACHE", folder["file", "cache"]));
        var (code, _, error) = run.Wait();
        Assert.Equal(2, code);
        Assert.Contains(folder["file", "cache"], error, StringComparison.Ordinal);
        Assert.Contains("REFILLED_CACHE", error, StringComparison.Ordinal);
    }
}
