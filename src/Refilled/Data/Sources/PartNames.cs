using System.Text.RegularExpressions;

namespace Refilled.Data.Sources;

/// <summary>What the parts of data sets are called, in whatever capitals.</summary>
internal static partial class PartNames
{
    /// <summary>How the three may be written, for messages.</summary>
    public const string Known = "train (or training), val (or valid, validation, dev) and test (or testing)";

    /// <summary>The part of a name such as "Training" or "test_set"; null where it is no part's.</summary>
    public static Part? Of(string name) => Pattern().Match(name) is not { Success: true } match ? null
        : match.Groups["train"].Success ? Part.Train
        : match.Groups["test"].Success ? Part.Test
        : Part.Validation;

    [GeneratedRegex(@"^((?<train>train(ing)?)|(?<test>test(ing)?)|val|valid|validation|dev)([ _-]?set)?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
