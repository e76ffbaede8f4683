using Refilled.Recipes;
using Refilled.Tables.Poster;

namespace Refilled.Tables.FewShot;

/// <summary>A whole table of few-shot learners: the typed form of a YAML file under <c>recipes/tables/</c>. Its grid is rows × shots; each
/// cell is a <see cref="Experiments.FewShot.FewShotRecipe"/> made of <see cref="Base"/> and the row's own, over networks that the table trains.</summary>
public sealed record MiddleShotRecipe : IValidated
{
    /// <summary>The table's heading.</summary>
    public required string Title { get; init; }

    /// <summary>What readers must know of the protocol, a line each: such as that the schedules are short.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The data, of networks and tasks; a recipe that is shared leaves it to the command line.</summary>
    public RecipeText? Data { get; init; }

    /// <summary>What all cells' recipes have in common.</summary>
    public RecipePart Base { get; init; } = RecipePart.Empty;

    /// <summary>What all networks' recipes have in common.</summary>
    public RecipePart Training { get; init; } = RecipePart.Empty;

    /// <summary>Numbers of labelled images of each class, K, in the order of the columns. Default 1, 5, 10, 30.</summary>
    public IReadOnlyList<int> Shots { get; init; } = [1, 5, 10, 30];

    /// <summary>The networks, trained in this order where a cell needs them.</summary>
    public required IReadOnlyList<MiddleShotNetwork> Networks { get; init; }

    /// <summary>The rows. One may stand several times, with other shots each time.</summary>
    public required IReadOnlyList<MiddleShotRow> Rows { get; init; }

    /// <summary>The rows that others are compared with. Default: protonet.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = ["protonet"];

    /// <summary>The data that others have published numbers of, which may stand beside: "cifar-fs". Default: none.</summary>
    public string? Published { get; init; }

    /// <summary>The shots of a row.</summary>
    internal IReadOnlyList<int> ShotsOf(MiddleShotRow row) => row.Shots ?? Shots;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        static T? Twice<T>(IEnumerable<T> values) => values.GroupBy(value => value).Where(group => group.Count() > 1).Select(group => group.Key).FirstOrDefault();
        if (Shots.Count == 0) yield return ("shots", "must not be empty");
        if (Shots.Any(shot => shot is < 1 or > 10_000)) yield return ("shots", $"must be from 1 to 10000, not {Shots.First(shot => shot is < 1 or > 10_000)}");
        if (Twice(Shots) is > 0 and var again) yield return ("shots", $"{again} stands twice");
        if (Published is not null && !MiddleShotNumbers.Sets.Contains(Published))
            yield return ("published", $"there are no published numbers of '{Published}'.{NearestName.Hint(Published, MiddleShotNumbers.Sets)} Known: {string.Join(", ", MiddleShotNumbers.Sets)}");
        if (Networks is { Count: 0 }) yield return ("networks", "must not be empty");
        if (Networks is not null && Twice(Networks.Select(network => network.Name).Where(name => name is not null)) is { } name) yield return ("networks", $"'{name}' stands twice");
        if (Rows is { Count: 0 }) yield return ("rows", "must not be empty");
        if (Rows is null) yield break; // missing, and reported as that
        var known = Networks?.Select(network => network.Name).Where(name => name is not null).ToList();
        foreach (var (row, i) in Rows.Select((row, i) => (row, i)))
        {
            foreach (var (key, named) in new[] { ("backbone", row.Backbone), ("teacher", row.Teacher) })
                if (named is not null && known is not null && !known.Contains(named))
                    yield return ($"rows[{i}].{key}", $"the table has no network '{named}'.{NearestName.Hint(named, known)} Its networks: {string.Join(", ", known)}");
            if (row.Shots?.Where(shot => !Shots.Contains(shot)).ToList() is [var foreign, ..]) yield return ($"rows[{i}].shots", $"{foreign} is none of the table's shots ({string.Join(", ", Shots)})");
        }
        if (Rows.Where(row => row.Name is not null).SelectMany(row => ShotsOf(row).Select(shot => (row.Name, Shot: shot))).GroupBy(cell => cell).FirstOrDefault(group => group.Count() > 1)?.Key is { Name: not null } both)
            yield return ("rows", $"'{both.Name}' stands twice with {both.Shot} shots; give each of the two other shots");
        var names = Rows.Select(row => row.Name).Where(name => name is not null).Distinct().ToList();
        foreach (var baseline in Baselines.Where(name => !names.Contains(name)))
            yield return ("baselines", $"'{baseline}' is none of the rows.{NearestName.Hint(baseline, names)} Add it to the rows, or name others as baselines");
    }
}
