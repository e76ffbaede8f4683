using Refilled.Experiments.FewShot;
using Refilled.Recipes;
using Refilled.Tables.Poster;

namespace Refilled.Tables.FewShot;

/// <summary>A whole table of few-shot learners: the typed form of a YAML file under <c>recipes/tables/</c>.</summary>
/// <remarks>Its grid is rows × shots; each cell is a <see cref="Experiments.FewShot.FewShotRecipe"/> made of <see cref="Base"/> and
/// the row's own, over networks that the table trains.</remarks>
internal sealed record FewShotTableRecipe : IValidated
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
    public required IReadOnlyList<FewShotTableNetwork> Networks { get; init; }

    /// <summary>The rows. One may stand several times, with other shots each time.</summary>
    public required IReadOnlyList<FewShotTableRow> Rows { get; init; }

    /// <summary>The rows that others are compared with. Default: protonet.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = ["protonet"];

    /// <summary>The data that others have published numbers of, which may stand beside: "cifar-fs". Default: none.</summary>
    public string? Published { get; init; }

    /// <summary>The shots of a row.</summary>
    internal IReadOnlyList<int> ShotsOf(FewShotTableRow row) => row.Shots ?? Shots;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Shots.Count == 0) yield return ("shots", "must not be empty");
        foreach (var wrong in Shots.SelectMany(shot => Check.Range("shots", shot, 1, 10_000)).Take(1)) yield return wrong;
        if (TableNames.Twice(Shots.Select(shot => $"{shot}")) is { } again) yield return ("shots", $"{again} stands twice");
        if (Published is not null && !FewShotNumbers.Sets.Contains(Published))
            yield return ("published", "there are no published numbers of "
                + $"'{Published}'.{NearestName.Hint(Published, FewShotNumbers.Sets)} Known: {string.Join(", ", FewShotNumbers.Sets)}");
        if (Networks is { Count: 0 }) yield return ("networks", "must not be empty");
        if (Networks is not null && TableNames.Twice(Networks.Select(network => network.Name)) is { } name)
            yield return ("networks", $"'{name}' stands twice");
        if (Rows is { Count: 0 }) yield return ("rows", "must not be empty");
        if (Rows is null) yield break; // missing, and reported as that
        var known = Networks?.Select(network => network.Name).Where(name => name is not null).ToList();
        foreach (var (row, i) in Rows.Select((row, i) => (row, i)))
        {
            foreach (var (key, named) in new[] { ("backbone", row.Backbone), ("teacher", row.Teacher) })
                if (named is not null && known is not null && !known.Contains(named))
                    yield return ($"rows[{i}].{key}", $"the table has no network '{named}'.{NearestName.Hint(named, known)} Its networks: "
                        + $"{string.Join(", ", known)}");
            if (row.Shots?.Where(shot => !Shots.Contains(shot)).ToList() is [var foreign, ..])
                yield return ($"rows[{i}].shots", $"{foreign} is none of the table's shots ({string.Join(", ", Shots)})");
        }
        if (Rows.Where(row => row.Name is not null).SelectMany(row => ShotsOf(row).Select(shot => (row.Name, Shot: shot)))
            .GroupBy(cell => cell).FirstOrDefault(group => group.Count() > 1)?.Key is { Name: not null } both)
            yield return ("rows", $"'{both.Name}' stands twice with {both.Shot} shots; give each of the two other shots");
        var names = Rows.Select(row => row.Name).Where(name => name is not null).Distinct().ToList();
        foreach (var baseline in Baselines.Where(name => !names.Contains(name)))
            yield return ("baselines", $"'{baseline}' is none of the rows.{NearestName.Hint(baseline, names)} Add it to the rows, "
                + "or name others as baselines");
    }
}

/// <summary>A network that a table of few-shot learners trains, or takes as it is.</summary>
internal sealed record FewShotTableNetwork : IValidated
{
    /// <summary>A short name, such as "backbone": of lower-case letters, digits, "-" and ".". It names folders and files.</summary>
    public required string Name { get; init; }

    /// <summary>How it is trained: a part of a <see cref="Experiments.Recipe"/>.</summary>
    /// <remarks>Its <c>start</c> may be the name of a network that stands before it in the table. The method is "student" where it
    /// says none.</remarks>
    public RecipePart Recipe { get; init; } = RecipePart.Empty;

    /// <summary>A run folder or a network file, where it was trained already; it may lie beside the recipe.</summary>
    /// <remarks>Default: none, and the table trains it.</remarks>
    [BesideRecipe(OrFolder = true)]
    public string? Trained { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var wrong in TableNames.Check(Name).Concat(TableNames.CheckTrained(Trained, "network"))) yield return wrong;
        if (Trained is not null && Recipe.Keys.Count > 0)
            yield return ("trained", "stands beside a recipe; a network that was trained already needs none");
    }
}

/// <summary>A row of a table of few-shot learners, or a part of one.</summary>
internal sealed record FewShotTableRow : IValidated
{
    /// <summary>The row's name, as it is shown: of lower-case letters, digits, "-" and ".". It names files.</summary>
    public required string Name { get; init; }

    /// <summary>The learner; see <see cref="FewShotLearners"/>.</summary>
    public required string Learner { get; init; }

    /// <summary>The network of the table that it embeds with, or starts from.</summary>
    public required string Backbone { get; init; }

    /// <summary>The network of the table that is its teacher, where it reads one.</summary>
    public string? Teacher { get; init; }

    /// <summary>Its shots. Default: all of the table's.</summary>
    public IReadOnlyList<int>? Shots { get; init; }

    /// <summary>Number of tasks, the first ones of those that others are asked. Default: the base's.</summary>
    public int? Tasks { get; init; }

    /// <summary>What else it changes in the base, such as the learner's options.</summary>
    public RecipePart Edits { get; init; } = RecipePart.Empty;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var wrong in TableNames.Check(Name)) yield return wrong;
        if (Shots is { Count: 0 }) yield return ("shots", "must not be empty; leave it out for all of the table's");
        foreach (var wrong in Check.Range("tasks", Tasks, 2, 1_000_000)) yield return wrong;
        if (Learner is null) yield break; // missing, and reported as that
        if (Check.Parses("learner", Learner, FewShotLearners.Check).ToList() is [var unknown])
            yield return unknown;
        else if (Teacher is null && FewShotLearners.Find(Learner).ReadsTeacher)
            yield return ("teacher", $"the learner '{Learner}' reads a teacher: name a network of the table");
        else if (Teacher is not null && !FewShotLearners.Find(Learner).ReadsTeacher)
            yield return ("teacher", $"the learner '{Learner}' reads no teacher");
    }
}
