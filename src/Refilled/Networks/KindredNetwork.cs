using System.Globalization;
using System.Text.RegularExpressions;

namespace Refilled.Networks;

/// <summary>Finds which of our networks serves the purpose of one that is known by its name elsewhere.</summary>
/// <remarks>Edit distance doesn't: "resnet18" is nearest to "resnet-8", and "vgg16" to nothing.</remarks>
internal static partial class KindredNetwork
{
    /// <summary>What names elsewhere hold, how our own of the kind begin, and the usual one.</summary>
    private static readonly (string Elsewhere, string Ours, string Usual)[] Kinds =
    [
        ("refilled", "refilled-", "refilled-wrn-16-2"),
        ("wrn|wide", "wrn-", "wrn-16-1"),
        ("mobile-?net-?v-?3", "mobilenet-v3", "mobilenet-v3-small"),
        ("mobile-?net-?v-?2", "mobilenet-v2", "mobilenet-v2"),
        ("mobile", "mobilenet-", "mobilenet-1.0"),
        ("res-?ne[tx]", "resnet-", "resnet-20"),
        ("conv-?net|conv-?[0-9]|lenet|cnn", "convnet-", "convnet-4"),
        // Of another build, so that their numbers mean nothing here.
        ("efficientnet|mnasnet|shufflenet|squeezenet|ghostnet", "mobilenet-1.0", "mobilenet-1.0"),
        ("vgg|alexnet|densenet|regnet|inception|googlenet|xception|convnext|vit|swin|deit", "wrn-16-2", "wrn-16-2"),
    ];

    /// <summary>" Did you mean 'x'?" for a name of a kind that is known elsewhere; empty where it is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="names">Ours.</param>
    public static string Hint(string name, IEnumerable<string> names)
    {
        var lower = name.ToLowerInvariant().Replace('_', '-');
        if (Array.Find(Kinds, kind => Regex.IsMatch(lower, kind.Elsewhere)) is not { Ours: { } ours, Usual: var usual }) return "";
        var asked = Numbers(Version().Replace(lower, ""));
        if (asked.Count == 0) return $" Did you mean '{usual}'?";
        // The first number, as a rule the depth, decides, then the width, then the rest of the name.
        var nearest = names.Where(other => other.StartsWith(ours, StringComparison.Ordinal))
            .GroupBy(other => Far(Numbers(Version().Replace(other, "")), asked)).MinBy(group => group.Key)!.ToList();
        return $" Did you mean '{NearestName.Find(lower, nearest) ?? nearest[0]}'?";
    }

    /// <summary>How far the first two numbers of names are apart; those that one hasn't are no matter.</summary>
    private static (double Depth, double Width) Far(List<double> one, List<double> other)
    {
        double At(int place) => place < Math.Min(one.Count, other.Count) ? Math.Abs(one[place] - other[place]) : 0;
        return (At(0), At(1));
    }

    private static List<double> Numbers(string name) =>
        [.. Number().Matches(name).Select(match => double.Parse(match.ValueSpan, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"v-?[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Version();

    [GeneratedRegex(@"[0-9]{1,4}(\.[0-9]{1,3})?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
