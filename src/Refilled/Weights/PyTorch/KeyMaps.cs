using System.Globalization;
using System.Text.RegularExpressions;
using Refilled.Networks;

namespace Refilled.Weights.PyTorch;

/// <summary>The networks of others whose weights fit one of ours.</summary>
internal static class KeyMaps
{
    /// <summary>The widths of MobileNets that are tried, the usual ones first.</summary>
    private static readonly double[] Widths =
        [1, 0.75, 0.5, 0.35, 0.25, 1.4, 1.3, .. Enumerable.Range(1, 80).Select(i => Math.Round(0.05 * i, 2))];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KeyMap> All { get; } =
    [
        new("REFILLED's authors'", Form("refilled-wrn-.*"), AuthorsWideResNet, [], false),
        new("REFILLED's authors'", Form("mobilenet-[0-9].*"), AuthorsMobileNet,
        [
            (Form(@"blocks\.([0-9]+)\.depthwise\.(.*)"), "layers.$1.conv1.$2"),
            (Form(@"blocks\.([0-9]+)\.pointwise\.(.*)"), "layers.$1.conv2.$2"),
            (Form(@"blocks\.(.*)"), "layers.$1"),
        ], false),
        new("torchvision's", Form("resnet-(18|34|50-imagenet)"), TorchvisionResNet, [], true),
        new("torchvision's", Form("mobilenet-v2.*"), TorchvisionMobileNetV2, [(Form(@"fc\.(.*)"), "classifier.1.$1")], true),
        new("torchvision's", Form("mobilenet-v3-small"), TorchvisionMobileNetV3,
            [(Form(@"fc\.(.*)"), "classifier.3.$1"), (Form(@"hidden\.(.*)"), "classifier.0.$1")], true),
        new("Refilled's own", Form(".*"), Own, [], false),
    ];

    private static string? AuthorsWideResNet(IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.ContainsKey("layer1.0.conv1.bias") && Outputs(shapes, "layer1.0.conv1.weight") is { } channels && channels % 16 == 0
            && shapes.ContainsKey("bn.weight") && !shapes.ContainsKey("layer4.0.conv1.weight")
            ? $"refilled-wrn-{6 * Blocks(shapes, "layer1.{0}.conv1.weight") + 4}-{channels / 16}" : null;

    private static string? AuthorsMobileNet(IReadOnlyDictionary<string, long[]> shapes) =>
        Outputs(shapes, "layers.12.conv2.weight") is { } channels && shapes.ContainsKey("layers.0.conv1.weight")
            ? string.Create(CultureInfo.InvariantCulture, $"mobilenet-{channels / 1024.0:0.0##}") : null;

    private static string? TorchvisionResNet(IReadOnlyDictionary<string, long[]> shapes)
    {
        if (Outputs(shapes, "layer4.0.conv1.weight") is null || !shapes.ContainsKey("bn1.weight")) return null;
        var blocks = string.Join(' ', Enumerable.Range(1, 4).Select(group => Blocks(shapes, $"layer{group}.{{0}}.conv1.weight")));
        return (blocks, shapes.ContainsKey("layer1.0.conv3.weight")) switch
        {
            ("2 2 2 2", false) => "resnet-18",
            ("3 4 6 3", false) => "resnet-34",
            ("3 4 6 3", true) => "resnet-50-imagenet",
            _ => null,
        };
    }

    private static string? TorchvisionMobileNetV2(IReadOnlyDictionary<string, long[]> shapes)
    {
        if (!shapes.ContainsKey("features.18.0.weight") || !shapes.ContainsKey("features.1.conv.0.0.weight")) return null;
        long?[] found =
        [
            Outputs(shapes, "features.0.0.weight"), Outputs(shapes, "features.1.conv.1.weight"),
            .. Enumerable.Range(2, 16).Select(i => Outputs(shapes, $"features.{i}.conv.2.weight")), Outputs(shapes, "features.18.0.weight"),
        ];
        var width = Array.Find(Widths, width => MobileNetV2.AllChannels(width).Select(channels => (long?)channels).SequenceEqual(found));
        return width == 0 ? null : width == 1 ? "mobilenet-v2" : string.Create(CultureInfo.InvariantCulture, $"mobilenet-v2-{width:0.0##}");
    }

    private static string? TorchvisionMobileNetV3(IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.ContainsKey("features.12.0.weight") && shapes.ContainsKey("features.1.block.1.fc1.weight")
            && !shapes.ContainsKey("features.13.0.weight") ? "mobilenet-v3-small" : null;

    /// <summary>Networks of ours that went out and came back without what our files say of them.</summary>
    private static string? Own(IReadOnlyDictionary<string, long[]> shapes)
    {
        string? Name(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        if (Outputs(shapes, "layers.0.0.conv1.weight") is { } channels && shapes.ContainsKey("layers.2.0.conv1.weight"))
        {
            var blocks = Blocks(shapes, "layers.0.{0}.conv1.weight");
            return shapes.ContainsKey("bn.weight") ? Name($"wrn-{6 * blocks + 4}-{channels / 16}")
                : shapes.ContainsKey("bn1.weight") ? Name($"resnet-{6 * blocks + 2}") : null;
        }
        if (Outputs(shapes, "layers.3.shortcut.weight") is { } wide)
            return wide == 640 ? "resnet-12" : Name($"resnet-12-{wide / 640.0:0.0##}");
        if (Outputs(shapes, "blocks.12.pointwise.weight") is { } last) return Name($"mobilenet-{last / 1024.0:0.0##}");
        return Outputs(shapes, "blocks.3.conv.weight") is null || !shapes.TryGetValue("fc.weight", out var fc) ? null
            : fc is [_, 64] ? "convnet-4" : "convnet-4-flat";
    }

    /// <summary>Output channels of a convolution; null where it isn't there.</summary>
    private static long? Outputs(IReadOnlyDictionary<string, long[]> shapes, string name) =>
        shapes.TryGetValue(name, out var shape) && shape is [> 0, _, _, _] ? shape[0] : null;

    private static int Blocks(IReadOnlyDictionary<string, long[]> shapes, string name) =>
        Enumerable.Range(0, 1000).TakeWhile(i => shapes.ContainsKey(string.Format(CultureInfo.InvariantCulture, name, i))).Count();

    private static Regex Form(string form) => new($"^{form}\\z", RegexOptions.CultureInvariant);
}
