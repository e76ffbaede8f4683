using Refilled.Experiments;
using Refilled.Recipes;

namespace Refilled.Tables.Grid;

/// <summary>A whole table: the typed form of a YAML file under <c>recipes/tables/</c>.</summary>
/// <remarks>Its grid is splits × students × methods × seeds; each cell is a <see cref="Recipe"/> made of <see cref="Base"/>, the
/// split's changes and the method's.</remarks>
internal sealed record GridRecipe : IValidated
{
    /// <summary>The table's heading.</summary>
    public required string Title { get; init; }

    /// <summary>How the teacher's classes relate to the student's. Default cross-task.</summary>
    public Setting Setting { get; init; } = Setting.CrossTask;

    /// <summary>What readers must know of the protocol, a line each: such as that the schedule is short.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The data, of teachers and students; a recipe that is shared leaves it to the command line.</summary>
    public RecipeText? Data { get; init; }

    /// <summary>What all students' recipes have in common.</summary>
    public RecipePart Base { get; init; } = RecipePart.Empty;

    /// <summary>What all teachers' recipes have in common.</summary>
    public RecipePart Teacher { get; init; } = RecipePart.Empty;

    /// <summary>The splits, at least one.</summary>
    public required IReadOnlyList<GridSplit> Splits { get; init; }

    /// <summary>The students' networks, at least one.</summary>
    public required IReadOnlyList<RecipeText> Students { get; init; }

    /// <summary>The methods, in the order of the rows: known ones, or those whose stages stand among the <see cref="Edits"/>.</summary>
    public required IReadOnlyList<RecipeText> Methods { get; init; }

    /// <summary>The runs' seeds. Default 0, 1, 2.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0, 1, 2];

    /// <summary>What is changed for single methods, by the method's name.</summary>
    public RecipePart Edits { get; init; } = RecipePart.Empty;

    /// <summary>The methods that gains are measured against. Default: student.</summary>
    public IReadOnlyList<RecipeText>? Baselines { get; init; }

    /// <summary>The names of the <see cref="Baselines"/>.</summary>
    internal IReadOnlyList<string> BaselineNames => Baselines is null ? ["student"] : [.. Baselines.Select(one => one.Text)];

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var (path, names) in new (string, IReadOnlyList<string?>?)[]
        {
            ("splits", Splits?.Select(split => split.Name).ToList()),
            ("students", Students?.Select(student => student.Text).ToList()),
            ("methods", Methods?.Select(method => method.Text).ToList()),
            ("seeds", Seeds.Select(seed => $"{seed}").ToList()),
        })
        {
            if (names is null) continue; // missing, and reported as that
            if (names.Count == 0) yield return (path, "must not be empty");
            if (TableNames.Twice(names) is { } twice) yield return (path, $"'{twice}' stands twice");
        }
        if (Methods is null) yield break;
        var methods = Methods.Select(method => method.Text).ToList();
        foreach (var baseline in BaselineNames.Where(name => !methods.Contains(name)))
            yield return ("baselines", $"gains are measured against '{baseline}', which is none of the "
                + $"methods.{NearestName.Hint(baseline, methods)} Add it to the methods, or name others as baselines");
        // A table of fewer methods may leave the changes for the others where they are.
        foreach (var edited in Edits.Keys.Where(name => !methods.Contains(name) && !Experiments.Methods.Names.Contains(name)
            && !(Edits.Node.Values[name] is RecipeNode.Mapping own && own.Values.ContainsKey("stages"))))
            yield return ($"edits.{edited}", $"the table has no method '{edited}'.{NearestName.Hint(edited, methods)} Its methods: "
                + $"{string.Join(", ", methods)}");
    }
}

/// <summary>One choice of teacher's and student's classes in a table.</summary>
internal sealed record GridSplit : IValidated
{
    /// <summary>A short name, such as "easy": of lower-case letters, digits, "-" and ".". It names folders and files.</summary>
    public required string Name { get; init; }

    /// <summary>The data where it isn't the table's own.</summary>
    public RecipeText? Data { get; init; }

    /// <summary>What the split changes in the students' recipes, such as their classes.</summary>
    public RecipePart Student { get; init; } = RecipePart.Empty;

    /// <summary>What the split changes in its teacher's recipe.</summary>
    public RecipePart Teacher { get; init; } = RecipePart.Empty;

    /// <summary>A run folder or a network file, where its teacher was trained already. Default: none.</summary>
    /// <remarks>It may lie beside the recipe.</remarks>
    [BesideRecipe(OrFolder = true)]
    public string? Trained { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
        TableNames.Check(Name).Concat(TableNames.CheckTrained(Trained, "teacher"));
}
