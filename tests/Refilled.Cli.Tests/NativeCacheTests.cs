using Refilled.Native;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>The adapted copy of the native library, made by whole processes. On systems that need no copy there is
/// nothing to make, and the tests are skipped.</summary>
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
        var runs = Enumerable.Range(0, 2).Select(_ => CommandProcess.Start(["data", "inspect", "cifar100:nowhere"], ("REFILLED_CACHE", folder["cache"]))).ToList();
        foreach (var run in runs)
        {
            using (run) Assert.Contains("There is no CIFAR-100", run.Wait().Error, StringComparison.Ordinal);
        }
        var copy = Assert.Single(Directory.GetFiles(folder["cache", "native"]));
        Assert.Equal(File.ReadAllBytes(TorchRuntime.Load().PatchedCopy!), File.ReadAllBytes(copy));
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
