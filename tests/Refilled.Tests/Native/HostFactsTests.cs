using Refilled.Native;

namespace Refilled.Tests.Native;

public class HostFactsTests
{
    [Fact]
    public void Processor_features_come_from_the_flags()
    {
        var features = CpuFeatures.Parse("processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t\t: "
            + "fpu avx2 avx512f avx512_bf16\nbogomips\t: 1\n\nprocessor\t: 1\nflags\t\t: amx_bf16\n");
        Assert.Equal(new CpuFeatures("Some CPU @ 2.00GHz", true, true, true, false), features);
        Assert.True(features.ComputesBf16);
        Assert.False(CpuFeatures.Parse("model name : x\nflags : avx2 avx512f\n").ComputesBf16);
        Assert.Equal(new CpuFeatures("unknown", false, false, false, false), CpuFeatures.Parse(""));
    }

    [Fact]
    public void Processors_are_counted_by_their_own_lines()
    {
        Assert.Equal(2, CpuFeatures.CountProcessors(
            "processor\t: 0\nmodel name\t: A processor: fast\nflags\t\t: fpu\n\nprocessor\t: 1\nprocessor speed : 3\n"));
        Assert.Equal(0, CpuFeatures.CountProcessors(""));
    }

    [Fact]
    public void A_processor_without_x86_flags_has_none() => Assert.Equal(new CpuFeatures("unknown", false, false, false, false),
        CpuFeatures.Parse("processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd bf16\nCPU implementer\t: 0x41\n"));

    /// <summary>Flags are whole words, and a malformed text is no reason to fail.</summary>
    [Fact]
    public void Only_whole_flags_count()
    {
        Assert.False(CpuFeatures.Parse("flags : avx512_bf16x xavx2 avx512\n")
            is { Avx2: true } or { Avx512: true } or { Avx512Bf16: true });
        Assert.Equal("unknown", CpuFeatures.Parse("model name\nflags").Model);
    }

    [Fact]
    public void What_the_kernel_lists_the_processor_admits()
    {
        if (!File.Exists("/proc/cpuinfo") || !System.Runtime.Intrinsics.X86.X86Base.IsSupported) Assert.Skip("needs Linux on x86");
        var (listed, asked) = (CpuFeatures.Current, CpuFeatures.FromIntrinsics());
        Assert.Equal((listed.Avx2, listed.Avx512, listed.Avx512Bf16, listed.AmxBf16),
            (asked.Avx2, asked.Avx512, asked.Avx512Bf16, asked.AmxBf16));
    }

    [Fact]
    public void This_machine_has_facts()
    {
        var facts = HostFacts.Collect();
        Assert.StartsWith("0.107", facts.TorchSharp, StringComparison.Ordinal);
        Assert.StartsWith("2.10", facts.Libtorch, StringComparison.Ordinal);
        Assert.True(facts.Cores > 0 && facts.Threads > 0 && facts.InteropThreads > 0 && facts.MemoryMiB > 0);
        Assert.True(facts.LogicalCores >= facts.Cores);
        Assert.True(facts.CudaDevices >= 0);
    }

    [Fact]
    public void On_Linux_the_loaded_files_and_versions_are_known()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads Linux's memory map");
        var facts = HostFacts.Collect();
        Assert.Contains(facts.Natives, path => path.EndsWith("libtorch_cpu.so", StringComparison.Ordinal));
        Assert.Contains(facts.PatchedCopy
            ?? facts.Natives.First(path => path.EndsWith("libLibTorchSharp.so", StringComparison.Ordinal)), facts.Natives);
        Assert.Matches(@"^\d+\.\d+", facts.Glibc);
        Assert.Matches(@"^GLIBCXX_3\.4\.\d+$", facts.Libstdcxx);
        // The copy is needed exactly where the loaded libstdc++ is older than the node.
        Assert.Equal(Version.Parse(facts.Libstdcxx!["GLIBCXX_".Length..]) < new Version(3, 4, 32), facts.PatchedCopy is not null);
    }
}
