using X86 = System.Runtime.Intrinsics.X86;

namespace Refilled.Native;

/// <summary>What a processor can do that decides the speed of training.</summary>
/// <param name="Model">The processor's name, or "unknown".</param>
/// <param name="Avx2">256-bit integer vectors.</param>
/// <param name="Avx512">512-bit vectors (foundation).</param>
/// <param name="Avx512Bf16">bfloat16 dot products.</param>
/// <param name="AmxBf16">bfloat16 tiles.</param>
public sealed record CpuFeatures(string Model, bool Avx2, bool Avx512, bool Avx512Bf16, bool AmxBf16)
{
    /// <summary>Those of this machine.</summary>
    public static CpuFeatures Current { get; } = File.Exists("/proc/cpuinfo") ? Parse(File.ReadAllText("/proc/cpuinfo")) : FromIntrinsics();

    /// <summary>Whether bf16 convolutions are faster than fp32 ones here.</summary>
    public bool ComputesBf16 => Avx512Bf16 || AmxBf16;

    /// <summary>Reads the text of <c>/proc/cpuinfo</c>: the first processor's model and flags.</summary>
    internal static CpuFeatures Parse(string cpuinfo)
    {
        string Field(string name) => cpuinfo.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "";
        var flags = Field("flags").Split(' ').ToHashSet();
        return new CpuFeatures(Field("model name") is { Length: > 0 } model ? model : "unknown",
            flags.Contains("avx2"), flags.Contains("avx512f"), flags.Contains("avx512_bf16"), flags.Contains("amx_bf16"));
    }

    // The runtime has no test for bf16 instructions outside Linux's text; unknown counts as absent.
    private static CpuFeatures FromIntrinsics() => new(Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown", X86.Avx2.IsSupported, X86.Avx512F.IsSupported, false, false);
}
