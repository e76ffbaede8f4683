using Refilled.Native;

namespace Refilled.Tests.Support;

/// <summary>What the engine computes right on this machine; see docs/upstream/onednn-hidden-caches.md.</summary>
internal static class Processor
{
    /// <summary>Whether the engine's convolutions can't be trusted; they can with their oldest kernels.</summary>
    private static bool ComputesWrong =>
        CpuFeatures.Current.HidesCaches && Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") != "SSE41";

    /// <summary>Skips a test of a network whose numbers of channels a machine without known caches gets wrong.</summary>
    public static void MustCompute(string network) =>
        Assert.SkipWhen(ComputesWrong && network.StartsWith("resnet-12", StringComparison.Ordinal), CpuFeatures.HiddenCachesNote);

    /// <summary>Skips a test of a network for photos, of whose convolutions such a machine may end the process.</summary>
    public static void MustNotCrash(string network) => Assert.SkipWhen(
        ComputesWrong && (network.StartsWith("mobilenet-v", StringComparison.Ordinal) || network is "resnet-18" or "resnet-50-imagenet"),
        CpuFeatures.HiddenCachesNote);

    /// <summary>Skips a test that trains ConvNets in several threads at once: such a machine gets gradients wrong now and then.</summary>
    public static void MustTrainSideBySide() => Assert.SkipWhen(ComputesWrong, CpuFeatures.HiddenCachesNote);
}
