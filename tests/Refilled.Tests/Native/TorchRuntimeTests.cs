using System.Security.Cryptography;
using Refilled.Native;
using TorchSharp;

namespace Refilled.Tests.Native;

public class TorchRuntimeTests
{
    [Fact]
    public void The_engine_computes()
    {
        using var two = torch.ones(2).Plus(1);
        Assert.Equal([2f, 2f], two.data<float>().ToArray());
    }

    [Fact]
    public void Loading_again_gives_the_same_report()
    {
        var reports = new NativeReport[8];
        Parallel.For(0, reports.Length, i => reports[i] = TorchRuntime.Load());
        Assert.All(reports, report => Assert.Same(TorchRuntime.Load(), report));
    }

    [Fact]
    public void On_Linux_the_libraries_are_loaded_in_the_order_of_their_dependence()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("the engine finds its own libraries here");
        var names = TorchRuntime.Load().Loaded.Select(Path.GetFileName).ToList();
        Assert.Equal(["libc10.so", "libtorch_cpu.so", "libtorch.so"],
            names.Where(name => name is "libc10.so" or "libtorch_cpu.so" or "libtorch.so"));
        Assert.EndsWith("libLibTorchSharp.so", names[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_copy_bears_the_checksum_of_the_original()
    {
        if (TorchRuntime.Load() is not { PatchedCopy: { } copy } report) { Assert.Skip("this system needs no adapted copy"); return; }
        var original = Path.Combine(Path.GetDirectoryName(report.Loaded[0])!, "libLibTorchSharp.so");
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(original))), Path.GetFileName(copy),
            StringComparison.Ordinal);
        Assert.Contains("GLIBCXX_3.4.32", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cause_is_the_line_that_names_the_node()
    {
        Assert.Equal("libstdc++.so.6: version `GLIBCXX_3.4.32' not found",
            TorchRuntime.Cause("Unable to load. Consider a tool like strace: \nlibstdc++.so.6: version `GLIBCXX_3.4.32' not found\n"));
        Assert.Equal("another reason", TorchRuntime.Cause("another reason\n"));
    }
}
