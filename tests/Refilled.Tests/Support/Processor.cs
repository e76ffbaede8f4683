using Refilled.Native;

namespace Refilled.Tests.Support;

/// <summary>What the engine computes right on this machine.</summary>
internal static class Processor
{
    /// <summary>Skips a test of a network whose numbers of channels a machine without known caches gets wrong.</summary>
    public static void MustCompute(string network) =>
        Assert.SkipWhen(
            CpuFeatures.Current.HidesCaches && network.StartsWith("resnet-12", StringComparison.Ordinal), CpuFeatures.HiddenCachesNote);
}
