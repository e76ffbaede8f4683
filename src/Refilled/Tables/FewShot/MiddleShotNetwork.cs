using System.Text.RegularExpressions;
using Refilled.Recipes;

namespace Refilled.Tables.FewShot;

/// <summary>A network that a table of few-shot learners trains, or takes as it is.</summary>
public sealed partial record MiddleShotNetwork : IValidated
{
    /// <summary>A short name, such as "backbone": of lower-case letters, digits, "-" and ".". It names folders and files.</summary>
    public required string Name { get; init; }

    /// <summary>How it is trained: a part of a <see cref="Experiments.Recipe"/>, whose <c>start</c> may be the name of a network that stands
    /// before it in the table. The method is "student" where it says none.</summary>
    public RecipePart Recipe { get; init; } = RecipePart.Empty;

    /// <summary>A run folder or a network file, where it was trained already; it may lie beside the recipe. Default: none, and the table
    /// trains it.</summary>
    [BesideRecipe]
    public string? Trained { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Name is not null && !Plain().IsMatch(Name)) yield return ("name", $"must be of lower-case letters, digits, - and ., and begin with a letter or digit, not '{Name}'");
        if (Trained is { Length: 0 }) yield return ("trained", "must be a run folder or a network file; leave it out to train the network");
        if (Trained is not null && Recipe.Keys.Count > 0) yield return ("trained", "stands beside a recipe; a network that was trained already needs none");
    }

    /// <summary>What names in such a table are made of.</summary>
    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*\\z", RegexOptions.CultureInvariant)]
    internal static partial Regex Plain();
}
