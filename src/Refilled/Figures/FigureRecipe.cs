using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.Grid;

namespace Refilled.Figures;

/// <summary>What the recipes of all figures have in common: the typed form of a YAML file under <c>recipes/figures/</c>.</summary>
internal abstract record FigureRecipe : IValidated
{
    /// <summary>The figure's heading.</summary>
    public required string Title { get; init; }

    /// <summary>What readers must know of the protocol, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The data, of teacher and students; a recipe that is shared leaves it to the command line.</summary>
    public RecipeText? Data { get; init; }

    /// <summary>What all students' recipes have in common, their classes among it.</summary>
    public RecipePart Base { get; init; } = RecipePart.Empty;

    /// <summary>The teacher's recipe.</summary>
    public RecipePart Teacher { get; init; } = RecipePart.Empty;

    /// <summary>A run folder or a network file, where the teacher was trained already. Default: none.</summary>
    /// <remarks>It may lie beside the recipe.</remarks>
    [BesideRecipe(OrFolder = true)]
    public string? Trained { get; init; }

    /// <summary>The student's network.</summary>
    public required RecipeText Student { get; init; }

    /// <summary>The runs' seeds. Default 0, 1, 2.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0, 1, 2];

    /// <inheritdoc/>
    public virtual IEnumerable<(string Path, string Message)> Validate()
    {
        if (Seeds.Count == 0) yield return ("seeds", "must not be empty");
        if (TableNames.Twice(Seeds.Select(seed => $"{seed}")) is { } twice) yield return ("seeds", $"'{twice}' stands twice");
        foreach (var problem in TableNames.CheckTrained(Trained, "teacher")) yield return problem;
    }

    /// <summary>The runs of some methods, as those of a table with a single split.</summary>
    /// <exception cref="RecipeException">A run's recipe is wrong.</exception>
    protected GridPlan Expand(Setting setting, IReadOnlyList<RecipeText> methods, RecipePart edits) => GridPlan.Expand(new GridRecipe
    {
        Title = Title, Notes = Notes, Setting = setting, Data = Data, Base = Base, Teacher = Teacher,
        Splits = [new GridSplit { Name = "runs", Trained = Trained }],
        Students = [Student], Methods = methods, Edits = edits, Seeds = Seeds, Baselines = [methods[0]],
    });
}
