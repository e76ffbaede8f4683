using System.Globalization;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;

namespace Refilled.Tables.FewShot;

/// <summary>Expands a table of few-shot learners: its networks, and rows × shots.</summary>
public static class MiddleShotGrid
{
    private const string Source = "table";

    /// <summary>The networks and cells that a table stands for.</summary>
    /// <param name="recipe">The table's recipe. Data that it doesn't name are taken to be generated, which is enough to render it.</param>
    /// <exception cref="RecipeException">Some recipes are wrong; the exception holds everything that is, with its place.</exception>
    public static MiddleShotPlan Expand(MiddleShotRecipe recipe)
    {
        var errors = new List<RecipeError>();
        var networks = new List<TableNetwork>();
        foreach (var network in recipe.Networks)
            if (Network(recipe, network, networks, errors) is { } made) networks.Add(made);
        var cells = new List<MiddleShotCell>();
        foreach (var row in recipe.Rows)
            foreach (var shot in recipe.ShotsOf(row))
                if (Cell(recipe, row, shot, networks, errors) is { } cell) cells.Add(cell);
        return errors.Count == 0 ? new MiddleShotPlan(recipe, networks, cells) : throw new RecipeException(errors);
    }

    private static TableNetwork? Network(MiddleShotRecipe recipe, MiddleShotNetwork network, List<TableNetwork> before, List<RecipeError> errors)
    {
        if (network.Trained is not null) return new TableNetwork(network.Name, null, network.Trained);
        var bound = RecipeReader.Bind<Recipe>([Given("method", "student"), recipe.Training.Node, network.Recipe.Node, Data(recipe)], errors);
        if (bound is null) return null;
        var start = before.FirstOrDefault(other => other.Name == bound.Start);
        if (start is null && bound.Start is { } path && !Path.Exists(path))
        {
            Wrong(errors, network.Recipe.Node, $"networks.{network.Name}.start", recipe.Networks.Any(other => other.Name == path)
                ? $"networks are trained in order, so '{path}' must stand before it"
                : $"there is no network '{path}' in the table, and no such file.{NearestName.Hint(path, before.Select(other => other.Name))}");
            return null;
        }
        if (start?.Recipe is { } other && other.Student != bound.Student)
            Wrong(errors, network.Recipe.Node, $"networks.{network.Name}.start", $"'{start.Name}' is a {other.Student}, but this is a {bound.Student}; they must be the same");
        return new TableNetwork(network.Name, bound, null) { Start = start };
    }

    private static MiddleShotCell? Cell(MiddleShotRecipe recipe, MiddleShotRow row, int shot, List<TableNetwork> networks, List<RecipeError> errors)
    {
        var bound = RecipeReader.Bind<FewShotRecipe>(
        [
            recipe.Base.Node, row.Edits.Node, Data(recipe), Given("learner", row.Learner), Given("backbone", row.Backbone), Given("episode.shot", shot.ToString(CultureInfo.InvariantCulture)),
            Given("teacher", row.Teacher is null ? new RecipeNode.Scalar(Source, 0, "null", true) : new RecipeNode.Scalar(Source, 0, row.Teacher, false)),
            row.Tasks is { } tasks ? Given("tasks", tasks.ToString(CultureInfo.InvariantCulture)) : RecipePart.Empty.Node,
        ], errors);
        var backbone = networks.FirstOrDefault(network => network.Name == row.Backbone);
        var teacher = networks.FirstOrDefault(network => network.Name == row.Teacher);
        // A network that couldn't be made has been reported.
        if (bound is null || backbone is null || (row.Teacher is not null && teacher is null)) return null;
        if (FewShotLearners.Find(row.Learner).Adapter is { } loss && backbone.Recipe is { } trained && !backbone.Keeps(loss))
            Wrong(errors, recipe.Networks.Single(network => network.Name == backbone.Name).Recipe.Node, $"rows.{row.Name}.backbone",
                $"the learner '{row.Learner}' needs what the loss '{loss}' trains beside its network, but '{backbone.Name}' is trained by the method {trained.Method}");
        return new MiddleShotCell(row, shot, bound, backbone, teacher);
    }

    private static RecipeNode.Mapping Data(MiddleShotRecipe recipe) => Given("data", recipe.Data?.Node ?? new RecipeNode.Scalar(Source, 0, "generated", true));

    private static RecipeNode.Mapping Given(string path, string value) => Given(path, new RecipeNode.Scalar(Source, 0, value, true));

    /// <summary>A value that the table decides. It has no line, so that the mapping keeps its own place.</summary>
    private static RecipeNode.Mapping Given(string path, RecipeNode value)
    {
        var keys = path.Split('.');
        for (var i = keys.Length - 1; i >= 0; i--) value = new RecipeNode.Mapping(Source, 0, new Dictionary<string, RecipeNode> { [keys[i]] = value });
        return (RecipeNode.Mapping)value;
    }

    private static void Wrong(List<RecipeError> errors, RecipeNode.Mapping near, string path, string message)
    {
        var error = new RecipeError(near.Source, near.Line, path, message);
        if (!errors.Contains(error)) errors.Add(error);
    }
}
