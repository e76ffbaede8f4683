using System.Globalization;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;

namespace Refilled.Tables.FewShot;

/// <summary>A table of few-shot learners expanded: its networks, and rows × shots.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Networks">The networks, each after what it starts from.</param>
/// <param name="Cells">The cells, row by row.</param>
internal sealed record FewShotPlan(FewShotTableRecipe Recipe, IReadOnlyList<TableNetwork> Networks, IReadOnlyList<FewShotCell> Cells)
    : TablePlan(Recipe.Title, [.. Networks, .. Cells])
{
    /// <inheritdoc/>
    public override bool NamesData => Recipe.Data is not null;

    /// <inheritdoc/>
    public override TableReport Report(FoundResults found) => FewShotReporter.Make(this, found);

    /// <summary>Expands a recipe.</summary>
    /// <param name="recipe">The table's recipe. Data that it doesn't name are taken to be generated.</param>
    /// <exception cref="RecipeException">Some recipes are wrong; it holds everything that is, with its place.</exception>
    public static FewShotPlan Expand(FewShotTableRecipe recipe)
    {
        var errors = new List<RecipeError>();
        var networks = new List<TableNetwork>();
        foreach (var network in recipe.Networks)
            if (Network(recipe, network, networks, errors) is { } made) networks.Add(made);
        var cells = new List<FewShotCell>();
        foreach (var row in recipe.Rows)
            foreach (var shot in recipe.ShotsOf(row))
                if (Cell(recipe, row, shot, networks, errors) is { } cell) cells.Add(cell);
        return errors.Count == 0 ? new FewShotPlan(recipe, networks, cells) : throw new RecipeException(errors);
    }

    private static TableNetwork? Network(
        FewShotTableRecipe recipe, FewShotTableNetwork network, List<TableNetwork> before, List<RecipeError> errors)
    {
        if (network.Trained is not null) return new TableNetwork(network.Name, null, network.Trained);
        var bound = RecipeReader.Bind<Recipe>(
            [TableParts.Given("method", "student"), recipe.Training.Node, network.Recipe.Node, TableParts.Data(recipe.Data)], errors);
        if (bound is null) return null;
        var (start, place) = (before.FirstOrDefault(other => other.Name == bound.Start), $"networks.{network.Name}.start");
        if (start is null && bound.Start is { } path && !Path.Exists(path))
        {
            errors.Blame(network.Recipe.Node, place, recipe.Networks.Any(other => other.Name == path)
                ? $"networks are trained in order, so '{path}' must stand before it"
                : $"there is no network '{path}' in the table, and no such file."
                    + $"{NearestName.Hint(path, before.Select(other => other.Name))}");
            return null;
        }
        if (start?.Recipe is { } other && other.Student != bound.Student)
            errors.Blame(network.Recipe.Node, place,
                $"'{start.Name}' is a {other.Student}, but this is a {bound.Student}; they must be the same");
        return new TableNetwork(network.Name, bound, null) { Start = start };
    }

    private static FewShotCell? Cell(
        FewShotTableRecipe recipe, FewShotTableRow row, int shot, List<TableNetwork> networks, List<RecipeError> errors)
    {
        var bound = RecipeReader.Bind<FewShotRecipe>(
        [
            recipe.Base.Node, row.Edits.Node, TableParts.Data(recipe.Data), TableParts.Given("learner", row.Learner),
            TableParts.Given("backbone", row.Backbone), TableParts.Given("episode.shot", shot.ToString(CultureInfo.InvariantCulture)),
            TableParts.Given("teacher", row.Teacher is null ? TableParts.Nothing : TableParts.Quoted(row.Teacher)),
            row.Tasks is { } tasks ? TableParts.Given("tasks", tasks.ToString(CultureInfo.InvariantCulture)) : RecipePart.Empty.Node,
        ], errors);
        var backbone = networks.FirstOrDefault(network => network.Name == row.Backbone);
        var teacher = networks.FirstOrDefault(network => network.Name == row.Teacher);
        // A network that couldn't be made has been reported.
        if (bound is null || backbone is null || (row.Teacher is not null && teacher is null)) return null;
        if (FewShotLearners.Find(row.Learner).Adapter is { } loss && backbone.Recipe is { } trained && !backbone.Keeps(loss))
            errors.Blame(recipe.Networks.Single(network => network.Name == backbone.Name).Recipe.Node, $"rows.{row.Name}.backbone",
                $"the learner '{row.Learner}' needs what the loss '{loss}' trains beside its network, "
                + $"but '{backbone.Name}' is trained by the method {trained.Method}");
        return new FewShotCell(row, shot, bound, backbone, teacher);
    }
}
