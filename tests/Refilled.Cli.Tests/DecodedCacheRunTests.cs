using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

public sealed class DecodedCacheRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_from_the_cache_gives_the_network_that_training_from_memory_gives()
    {
        var images = MadeUpFiles.Folder(folder["images"],
            from name in new[] { "bird", "cat", "dog" }
            from i in Enumerable.Range(0, 12)
            select KeyValuePair.Create($"{name}/{i}.png", MadeUpFiles.Picture(name[0] * 10 + i, 40, 36)));
        var networks = new List<byte[]>();
        foreach (var (run, mode) in new[] { ("memory", "off"), ("decoded", "on"), ("reused", "on") })
        {
            using var process = CommandProcess.Start(["pretrain", "--data", $"folder:{images}", "--model", "wrn-10-1", "--epochs", "2",
                "--batch", "8", "--device", "cpu", "--precision", "fp32", "--threads", "1",
                "--set", "image-size=32", "--set", $"decoded-cache={mode}", "--out", folder[run]], ("REFILLED_CACHE", folder["cache"]));
            var (code, output, error) = process.Wait();
            Assert.True(code == 0, output + error);
            networks.Add(File.ReadAllBytes(folder[run, "network.safetensors"]));
            Assert.Equal(mode == "on", Directory.Exists(folder["cache", "decoded"]));
        }
        Assert.Single(Directory.GetFiles(folder["cache", "decoded"]));
        Assert.Equal(networks[0], networks[1]);
        Assert.Equal(networks[0], networks[2]);
    }
}
