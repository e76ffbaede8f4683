using X86 = System.Runtime.Intrinsics.X86;

namespace Refilled.Native;

/// <summary>What a processor can do that decides the speed of training.</summary>
/// <param name="Model">The processor's name, or "unknown".</param>
/// <param name="Avx2">256-bit integer vectors.</param>
/// <param name="Avx512">512-bit vectors (foundation).</param>
/// <param name="Avx512Bf16">bfloat16 dot products.</param>
/// <param name="AmxBf16">bfloat16 tiles.</param>
internal sealed record CpuFeatures(string Model, bool Avx2, bool Avx512, bool Avx512Bf16, bool AmxBf16)
{
    /// <summary>Those of this machine.</summary>
    public static CpuFeatures Current { get; } =
        (File.Exists("/proc/cpuinfo") ? Parse(File.ReadAllText("/proc/cpuinfo")) : FromIntrinsics()) with { HidesCaches = NamesNoCache() };

    /// <summary>Whether an AVX-512 processor names no cache, as in some virtual machines. The engine then computes some convolutions wrong:
    /// docs/upstream/onednn-hidden-caches.md.</summary>
    public bool HidesCaches { get; init; }

    /// <summary>What a user of such a machine should know.</summary>
    public static string HiddenCachesNote =>
        "This (virtual) machine hides its processor's caches, and the engine computes some convolutions wrong then, or crashes: "
        + "of 40, 48, 80, 160 or 512 channels, say. WideResNets of width 1 and 2 and ResNets were found right; "
        + "ConvNets that train on several threads at once aren't always, and MobileNets need layout=nchw.";

    /// <summary>Whether bf16 convolutions are faster than fp32 ones here.</summary>
    public bool ComputesBf16 => Avx512Bf16 || AmxBf16;

    /// <summary>Reads the text of <c>/proc/cpuinfo</c>: the first processor's model and flags.</summary>
    internal static CpuFeatures Parse(string cpuinfo)
    {
        string Field(string name) => cpuinfo.Split('\n')
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? "";
        var flags = Field("flags").Split(' ').ToHashSet();
        return new CpuFeatures(Field("model name") is { Length: > 0 } model ? model : "unknown",
            flags.Contains("avx2"), flags.Contains("avx512f"), flags.Contains("avx512_bf16"), flags.Contains("amx_bf16"));
    }

    /// <summary>Asks for the caches as oneDNN, the engine's library of convolutions, does.</summary>
    /// <remarks>Leaf 4 on Intel's processors, 0x8000001D on AMD's; a cache of type 0 ends the list.</remarks>
    private static bool NamesNoCache()
    {
        if (!X86.Avx512F.IsSupported) return false;
        bool Names(int leaf) => (X86.X86Base.CpuId(leaf, 0).Eax & 0x1F) != 0;
        var (standard, extended) = (X86.X86Base.CpuId(0, 0).Eax, X86.X86Base.CpuId(unchecked((int)0x80000000), 0).Eax);
        return !(standard >= 4 && Names(4)) && !((uint)extended >= 0x8000001D && Names(unchecked((int)0x8000001D)));
    }

    /// <summary>Processors that are online in the machine, whatever this process may use of them.</summary>
    internal static int OnlineProcessors() => File.Exists("/proc/cpuinfo")
        ? Math.Max(CountProcessors(File.ReadAllText("/proc/cpuinfo")), 1)
        : Environment.ProcessorCount;

    /// <summary>Counts the processors in the text of <c>/proc/cpuinfo</c>.</summary>
    internal static int CountProcessors(string cpuinfo) =>
        cpuinfo.Split('\n').Count(line => line.Split(':', 2) is [var key, _] && key.Trim() == "processor");

    /// <summary>Asks the processor itself, where there is no <c>/proc/cpuinfo</c>.</summary>
    /// <remarks>.NET has no test for the bf16 instructions: CPUID leaf 7 says (Intel SDM, volume 2A, table "Information Returned by
    /// CPUID Instruction"): AVX512-BF16 is subleaf 1, EAX bit 5; AMX-BF16 is subleaf 0, EDX bit 22.</remarks>
    internal static CpuFeatures FromIntrinsics()
    {
        var model = Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        if (!X86.X86Base.IsSupported || X86.X86Base.CpuId(0, 0).Eax < 7) return new CpuFeatures(model, false, false, false, false);
        var (subleaves, _, _, amx) = X86.X86Base.CpuId(7, 0);
        // IsSupported also says that the system saves the wide registers; without that, the bits are worth nothing.
        var wide = X86.Avx512F.IsSupported;
        var bf16 = subleaves >= 1 && (X86.X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;
        return new CpuFeatures(model, X86.Avx2.IsSupported, wide, wide && bf16, wide && (amx & 1 << 22) != 0);
    }
}
