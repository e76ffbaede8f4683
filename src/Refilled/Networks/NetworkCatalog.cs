using System.Globalization;
using System.Text.RegularExpressions;
using Refilled.Networks.Layers;

namespace Refilled.Networks;

/// <summary>Makes networks by name, such as "wrn-16-1", a <see cref="WideResNet"/> of depth 16 and width 1.</summary>
/// <remarks>"resnet-20" is a <see cref="ResNet"/>, "mobilenet-0.25" a <see cref="MobileNet"/>, "resnet-12" a <see
/// cref="ResNet12"/>, "convnet-4" a <see cref="ConvNet"/>; for photos, "resnet-18" is an <see cref="ImageNetResNet"/>, "mobilenet-v2" a
/// <see cref="MobileNetV2"/>, "mobilenet-v3-small" a <see cref="MobileNetV3Small"/>.</remarks>
public static class NetworkCatalog
{
    /// <summary>Form of a width.</summary>
    private const string Factor = "[0-9](?:\\.[0-9]{1,3})?";

    private static readonly Family[] Families =
    [
        new("wrn-([0-9]{1,3})-([0-9]{1,3})", "a WideResNet's depth is 6n + 4 (10, 16, 22, 28, 40 …) and its width at least 1",
            ["wrn-10-1", "wrn-10-2", "wrn-16-1", "wrn-16-2", "wrn-22-1", "wrn-28-1", "wrn-28-10", "wrn-40-1", "wrn-40-2"],
            n => n[0] >= 10 && (n[0] - 4) % 6 == 0 && n[1] >= 1, (n, options) => new WideResNet((int)n[0], (int)n[1], options),
            n => ((int)n[0] - 3, 64 * (int)n[1])),
        new("refilled-wrn-([0-9]{1,3})-([0-9]{1,3})", "a WideResNet's depth is 6n + 4 (10, 16, 22, 28, 40 …) and its width at least 1",
            ["refilled-wrn-16-2"],
            n => n[0] >= 10 && (n[0] - 4) % 6 == 0 && n[1] >= 1, (n, options) => new RefilledWideResNet((int)n[0], (int)n[1], options),
            n => ((int)n[0] - 3, 64 * (int)n[1])),
        new("resnet-(18|34)", "", ["resnet-18", "resnet-34"], _ => true, (n, options) => new ImageNetResNet((int)n[0], options)),
        new("resnet-([0-9]{1,4})-imagenet", "of ResNets for photos there are resnet-18, resnet-34 and resnet-50-imagenet",
            ["resnet-50-imagenet"], n => n[0] == 50, (n, options) => new ImageNetResNet((int)n[0], options)),
        // Before the ResNets of 6n + 2 layers, whose form its name has too.
        new($"resnet-12(?:-({Factor}))?", "a ResNet-12's width is from 0.05 to 4",
            ["resnet-12", "resnet-12-0.5"],
            n => n is [] or [>= 0.05 and <= 4], (n, options) => new ResNet12(n is [] ? 1 : n[0], options)),
        new("resnet-([0-9]{1,4})", "a ResNet's depth is 6n + 2 (8, 14, 20, 32, 44, 56, 110 …); "
            + "for photos there are resnet-18, resnet-34 and resnet-50-imagenet",
            ["resnet-8", "resnet-14", "resnet-20", "resnet-32", "resnet-44", "resnet-56", "resnet-110"],
            n => n[0] >= 8 && (n[0] - 2) % 6 == 0, (n, options) => new ResNet((int)n[0], options), n => ((int)n[0] - 2, 64)),
        new($"mobilenet-({Factor})", "a MobileNet's width is from 0.05 to 4",
            ["mobilenet-1.0", "mobilenet-0.75", "mobilenet-0.5", "mobilenet-0.25"],
            n => n[0] is >= 0.05 and <= 4, (n, options) => new MobileNet(n[0], options)),
        new($"mobilenet-v2(?:-({Factor}))?", "a MobileNetV2's width is from 0.05 to 4",
            ["mobilenet-v2", "mobilenet-v2-0.5"],
            n => n is [] or [>= 0.05 and <= 4], (n, options) => new MobileNetV2(n is [] ? 1 : n[0], options)),
        new("mobilenet-v3-small", "", ["mobilenet-v3-small"], _ => true, (_, options) => new MobileNetV3Small(options)),
        new("convnet-([0-9]{1,3})", "a ConvNet has 4 blocks",
            ["convnet-4"],
            n => n[0] == 4, (_, options) => new ConvNet(Readout.MaxPooled, options)),
        new("convnet-([0-9]{1,3})-flat", "a ConvNet has 4 blocks",
            ["convnet-4-flat"],
            n => n[0] == 4, (_, options) => new ConvNet(Readout.Flattened, options)),
    ];

    /// <summary>Usual names, for help texts and hints; every name of these forms can be made.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Families.SelectMany(family => family.Usual)];

    /// <summary>Makes the network of that name with fresh weights.</summary>
    /// <exception cref="InputException">There is no such network; the message holds the nearest name.</exception>
    public static EmbeddingNetwork Create(string name, NetworkOptions options)
    {
        var (family, numbers) = Parse(name);
        return family.Create(numbers, options);
    }

    /// <summary>Throws what <see cref="Create"/> would throw for a name, without making the network.</summary>
    /// <exception cref="InputException">There is no such network.</exception>
    public static void Check(string name) => Parse(name);

    /// <summary>What a network of that name has at least: to be compared before any memory is taken.</summary>
    /// <returns>Convolutions, and channels of the widest of them; 0 where no name makes it large.</returns>
    /// <exception cref="InputException">There is no such network.</exception>
    internal static (int Convolutions, int Channels) Least(string name)
    {
        var (family, numbers) = Parse(name);
        return family.Least?.Invoke(numbers) ?? (0, 0);
    }

    /// <summary>Whether there is such a network.</summary>
    internal static bool Knows(string name)
    {
        try
        {
            Check(name);
            return true;
        }
        catch (InputException)
        {
            return false;
        }
    }

    private static (Family Family, double[] Numbers) Parse(string name)
    {
        foreach (var family in Families)
        {
            if (family.Name.Match(name) is not { Success: true } match) continue;
            var numbers = match.Groups.Values.Skip(1).Where(group => group.Success)
                .Select(group => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture)).ToArray();
            return family.Possible(numbers)
                ? (family, numbers)
                : throw new InputException($"There is no network '{name}': {family.Rule}.{Hint(name)}");
        }
        throw new InputException($"There is no network '{name}'.{Hint(name)} Known: {string.Join(", ", Names)}.");
    }

    private static string Hint(string name) =>
        KindredNetwork.Hint(name, Names) is { Length: > 0 } kindred ? kindred : NearestName.Hint(name, Names);

    /// <param name="Form">Form of the name, with its numbers, those that may be left out too, as groups.</param>
    /// <param name="Rule">What the numbers must be.</param>
    /// <param name="Usual">Usual names.</param>
    /// <param name="Possible">Whether such numbers make a network.</param>
    /// <param name="Create">Makes it.</param>
    /// <param name="Least">Convolutions and channels that it has at least; null where they are few for all numbers.</param>
    private sealed record Family(
        string Form,
        string Rule,
        IReadOnlyList<string> Usual,
        Func<double[], bool> Possible,
        Func<double[], NetworkOptions, EmbeddingNetwork> Create,
        Func<double[], (int Convolutions, int Channels)>? Least = null)
    {
        public Regex Name { get; } = new($"^{Form}\\z", RegexOptions.CultureInvariant);
    }
}
