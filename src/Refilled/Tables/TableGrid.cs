using System.Globalization;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>Expands a table's recipe: splits × students × methods × seeds.</summary>
public static class TableGrid
{
    /// <summary>The runs that a table stands for. A method that classifies by the teacher's embedding as it is has no randomness, and
    /// one run; a method that uses the teacher's own network has no students, and one run for each seed.</summary>
    /// <param name="recipe">The table's recipe. Data that it doesn't name are taken to be generated, which is enough to render it.</param>
    /// <exception cref="RecipeException">Some runs' recipes are wrong; the exception holds everything that is, with its place.</exception>
    public static TablePlan Expand(TableRecipe recipe)
    {
        var errors = new List<RecipeError>();
        var teachers = new List<TableCell>();
        var cells = new List<TableCell>();
        foreach (var split in recipe.Splits)
        {
            var teacher = Teacher(recipe, split, teachers, errors);
            if (teacher is not null && !teachers.Contains(teacher)) teachers.Add(teacher);
            foreach (var student in recipe.Students)
                foreach (var method in recipe.Methods)
                    foreach (var seed in recipe.Seeds)
                        if (Cell(recipe, split, teacher, student, method, seed, errors) is { } cell && !cells.Any(other => other.Id == cell.Id)) cells.Add(cell);
        }
        return errors.Count == 0 ? new TablePlan(recipe, teachers, cells) : throw new RecipeException(errors);
    }

    private static TableCell? Teacher(TableRecipe recipe, TableSplit split, List<TableCell> others, List<RecipeError> errors)
    {
        if (split.Trained is not null) return null;
        var bound = RecipeReader.Bind<Recipe>([recipe.Teacher.Node, split.Teacher.Node, Data(recipe, split), Given("method", "student"), Given("stages", new RecipeNode.Sequence(Source, 0, []))], errors);
        if (bound is null) return null;
        var cell = new TableCell(split.Name, "", bound.Method, bound.Seeds.Run, bound);
        return others.FirstOrDefault(other => other.Recipe.Data == bound.Data && other.SettingsHash == cell.SettingsHash) ?? cell;
    }

    private static TableCell? Cell(TableRecipe recipe, TableSplit split, TableCell? teacher, RecipeText student, RecipeText method, int seed, List<RecipeError> errors)
    {
        var edits = recipe.Edits.Node.Values.GetValueOrDefault(method.Text) switch
        {
            null or RecipeNode.Scalar { IsNull: true } => RecipePart.Empty.Node,
            RecipeNode.Mapping changes => changes,
            var other => Wrong(other, $"edits.{method}", errors),
        };
        var bound = RecipeReader.Bind<Recipe>(
        [
            recipe.Base.Node, split.Student.Node, edits, Data(recipe, split), Given("setting", RecipeNames.Kebab(recipe.Setting.ToString())), Given("student", student.Node),
            Given("method", method.Node), Given("teacher", split.Trained ?? $"{split.Name}/teacher"), Given("seeds.run", seed.ToString(CultureInfo.InvariantCulture)),
        ], errors);
        if (bound?.CreateMethod() is not { } made) return null;
        return new TableCell(split.Name, made.Start == StudentStart.Teacher ? TableCell.Own : student.Text, made.Name, made.Classifier is null ? seed : recipe.Seeds[0], made.HasTeacher ? bound : bound with { Teacher = null })
        {
            Teacher = made.HasTeacher ? teacher : null,
            TrainedTeacher = made.HasTeacher ? split.Trained : null,
        };
    }

    private const string Source = "table";

    private static RecipeNode.Mapping Data(TableRecipe recipe, TableSplit split) => Given("data", (split.Data ?? recipe.Data)?.Node ?? new RecipeNode.Scalar(Source, 0, "generated", true));

    private static RecipeNode.Mapping Given(string path, string value) => Given(path, new RecipeNode.Scalar(Source, 0, value, true));

    /// <summary>A value that the table decides. It has no line, so that the mapping keeps its own place.</summary>
    private static RecipeNode.Mapping Given(string path, RecipeNode value)
    {
        var keys = path.Split('.');
        for (var i = keys.Length - 1; i >= 0; i--) value = new RecipeNode.Mapping(Source, 0, new Dictionary<string, RecipeNode> { [keys[i]] = value });
        return (RecipeNode.Mapping)value;
    }

    private static RecipeNode.Mapping Wrong(RecipeNode node, string path, List<RecipeError> errors)
    {
        var error = new RecipeError(node.Source, node.Line, path, $"expected a mapping of keys to values, not {node.Describe()}");
        if (!errors.Contains(error)) errors.Add(error);
        return RecipePart.Empty.Node;
    }
}
