using Refilled.Networks;
using Refilled.Weights.PyTorch;

namespace Refilled.Tests.Networks;

/// <summary>Networks for photos have torchvision's names and shapes, entry for entry.</summary>
public class TorchvisionNamesTests
{
    private static Dictionary<string, long[]> Theirs(string architecture)
    {
        using var network = NetworkCatalog.Create(architecture, new NetworkOptions(1000));
        var map = KeyMaps.All.First(map => map.Serves.IsMatch(architecture));
        return network.state_dict().ToDictionary(pair => map.Theirs(pair.Key), pair => pair.Value.shape);
    }

    private static void Same(IEnumerable<(string Name, long[] Shape)> expected, Dictionary<string, long[]> found)
    {
        var list = expected.ToList();
        Assert.Equal(list.Select(one => one.Name).Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.All(list, one => Assert.Equal(one.Shape, found[one.Name]));
    }

    private static IEnumerable<(string Name, long[] Shape)> Norm(string name, long channels) =>
    [
        ($"{name}.weight", [channels]), ($"{name}.bias", [channels]), ($"{name}.running_mean", [channels]),
        ($"{name}.running_var", [channels]), ($"{name}.num_batches_tracked", []),
    ];

    private static IEnumerable<(string Name, long[] Shape)> Linear(string name, long inputs, long outputs) =>
        [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];

    private static IEnumerable<(string Name, long[] Shape)> Conv(string name, string norm, long inputs, long outputs, long kernel) =>
        [($"{name}.weight", [outputs, inputs, kernel, kernel]), .. Norm(norm, outputs)];

    [Theory]
    [InlineData("resnet-18", new[] { 2, 2, 2, 2 }, 1)]
    [InlineData("resnet-34", new[] { 3, 4, 6, 3 }, 1)]
    [InlineData("resnet-50-imagenet", new[] { 3, 4, 6, 3 }, 4)]
    public void Of_a_ResNet(string architecture, int[] blocks, int expansion)
    {
        IEnumerable<(string Name, long[] Shape)> Entries()
        {
            foreach (var one in Conv("conv1", "bn1", 3, 64, 7)) yield return one;
            long inputs = 64;
            for (var group = 0; group < 4; group++)
                for (var i = 0; i < blocks[group]; i++)
                {
                    var (name, width) = ($"layer{group + 1}.{i}", 64L << group);
                    IEnumerable<(string, long[])> convolutions = expansion == 1
                        ? [.. Conv($"{name}.conv1", $"{name}.bn1", inputs, width, 3),
                            .. Conv($"{name}.conv2", $"{name}.bn2", width, width, 3)]
                        :
                        [
                            .. Conv($"{name}.conv1", $"{name}.bn1", inputs, width, 1),
                            .. Conv($"{name}.conv2", $"{name}.bn2", width, width, 3),
                            .. Conv($"{name}.conv3", $"{name}.bn3", width, 4 * width, 1),
                        ];
                    foreach (var one in convolutions) yield return one;
                    if (inputs != width * expansion || (i == 0 && group > 0))
                        foreach (var one in Conv($"{name}.downsample.0", $"{name}.downsample.1", inputs, width * expansion, 1))
                            yield return one;
                    inputs = width * expansion;
                }
            foreach (var one in Linear("fc", inputs, 1000)) yield return one;
        }
        Same(Entries(), Theirs(architecture));
    }

    [Fact]
    public void Of_a_MobileNetV2()
    {
        IEnumerable<(string Name, long[] Shape)> Entries()
        {
            foreach (var one in Conv("features.0.0", "features.0.1", 3, 32, 3)) yield return one;
            long inputs = 32;
            // The published table: expansion, channels, repeats.
            var place = 1;
            foreach (var (factor, channels, repeats) in new[]
                { (1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1) })
                for (var i = 0; i < repeats; i++, place++)
                {
                    var (name, wide, at) = ($"features.{place}.conv", inputs * factor, 0);
                    if (factor != 1)
                        foreach (var one in Conv($"{name}.{at}.0", $"{name}.{at++}.1", inputs, wide, 1)) yield return one;
                    foreach (var one in Conv($"{name}.{at}.0", $"{name}.{at++}.1", 1, wide, 3)) yield return one;
                    foreach (var one in Conv($"{name}.{at}", $"{name}.{at + 1}", wide, channels, 1)) yield return one;
                    inputs = channels;
                }
            foreach (var one in Conv("features.18.0", "features.18.1", 320, 1280, 1)) yield return one;
            foreach (var one in Linear("classifier.1", 1280, 1000)) yield return one;
        }
        Same(Entries(), Theirs("mobilenet-v2"));
    }

    [Fact]
    public void Of_a_MobileNetV3_small()
    {
        IEnumerable<(string Name, long[] Shape)> Entries()
        {
            foreach (var one in Conv("features.0.0", "features.0.1", 3, 16, 3)) yield return one;
            long inputs = 16;
            var place = 1;
            // The published table: kernel, expanded, out, squeezed (0 where there is no weighing).
            foreach (var (kernel, wide, outputs, squeezed) in new[]
            {
                (3, 16, 16, 8), (3, 72, 24, 0), (3, 88, 24, 0), (5, 96, 40, 24), (5, 240, 40, 64), (5, 240, 40, 64), (5, 120, 48, 32),
                (5, 144, 48, 40), (5, 288, 96, 72), (5, 576, 96, 144), (5, 576, 96, 144),
            })
            {
                var (name, at) = ($"features.{place++}.block", 0);
                if (wide != inputs)
                    foreach (var one in Conv($"{name}.{at}.0", $"{name}.{at++}.1", inputs, wide, 1)) yield return one;
                foreach (var one in Conv($"{name}.{at}.0", $"{name}.{at++}.1", 1, wide, kernel)) yield return one;
                if (squeezed > 0)
                {
                    yield return ($"{name}.{at}.fc1.weight", [squeezed, wide, 1, 1]);
                    yield return ($"{name}.{at}.fc1.bias", [squeezed]);
                    yield return ($"{name}.{at}.fc2.weight", [wide, squeezed, 1, 1]);
                    yield return ($"{name}.{at++}.fc2.bias", [wide]);
                }
                foreach (var one in Conv($"{name}.{at}.0", $"{name}.{at}.1", wide, outputs, 1)) yield return one;
                inputs = outputs;
            }
            foreach (var one in Conv("features.12.0", "features.12.1", 96, 576, 1)) yield return one;
            foreach (var one in Linear("classifier.0", 576, 1024)) yield return one;
            foreach (var one in Linear("classifier.3", 1024, 1000)) yield return one;
        }
        Same(Entries(), Theirs("mobilenet-v3-small"));
    }

    [Theory]
    [InlineData(0.35, new[] { 16, 8, 8, 8, 16, 16, 16, 24, 24, 24, 24, 32, 32, 32, 56, 56, 56, 112, 1280 })]
    [InlineData(1.4, new[] { 48, 24, 32, 32, 48, 48, 48, 88, 88, 88, 88, 136, 136, 136, 224, 224, 224, 448, 1792 })]
    public void Channels_are_rounded_as_torchvision_does(double width, int[] channels) =>
        Assert.Equal(channels, MobileNetV2.AllChannels(width));
}
