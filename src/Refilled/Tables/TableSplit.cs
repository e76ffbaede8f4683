using System.Text.RegularExpressions;
using Refilled.Recipes;

namespace Refilled.Tables;

/// <summary>One choice of teacher's and student's classes in a table.</summary>
public sealed partial record TableSplit : IValidated
{
    /// <summary>A short name, such as "easy": of lower-case letters, digits, "-" and ".". It names folders and files.</summary>
    public required string Name { get; init; }

    /// <summary>The data where it isn't the table's own.</summary>
    public RecipeText? Data { get; init; }

    /// <summary>What the split changes in the students' recipes, such as their classes.</summary>
    public RecipePart Student { get; init; } = RecipePart.Empty;

    /// <summary>What the split changes in its teacher's recipe.</summary>
    public RecipePart Teacher { get; init; } = RecipePart.Empty;

    /// <summary>A teacher that was trained already: a run folder or a network file, as seen from the working directory. Default: none, and the table trains it.</summary>
    public string? Trained { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Name is not null && !Plain().IsMatch(Name)) yield return ("name", $"must be of lower-case letters, digits, - and ., and begin with a letter or digit, not '{Name}'");
        if (Trained is { Length: 0 }) yield return ("trained", "must be a run folder or a network file; leave it out to train the teacher");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
