using System.Globalization;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Tables.Grid;

/// <summary>A grid expanded: splits × students × methods × seeds.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Teachers">The teachers to be trained; splits with the same teacher share one.</param>
/// <param name="Cells">The students' runs, in the order of splits, students, methods and seeds.</param>
internal sealed record GridPlan(GridRecipe Recipe, IReadOnlyList<GridCell> Teachers, IReadOnlyList<GridCell> Cells)
    : TablePlan(Recipe.Title, [.. Teachers, .. Cells])
{
    /// <inheritdoc/>
    public override bool NamesData => Recipe.Splits.All(split => (split.Data ?? Recipe.Data) is not null);

    /// <inheritdoc/>
    public override TableReport Report(FoundResults found) => GridReporter.Make(this, found);

    /// <summary>Expands a recipe.</summary>
    /// <remarks>A method that classifies by the teacher's embedding as it is has no randomness, and one run; a method that uses the
    /// teacher's own network has no students, and one run for each seed.</remarks>
    /// <param name="recipe">The table's recipe. Data that it doesn't name are taken to be generated.</param>
    /// <exception cref="RecipeException">Some runs' recipes are wrong; it holds everything that is, with its place.</exception>
    public static GridPlan Expand(GridRecipe recipe)
    {
        var errors = new List<RecipeError>();
        var teachers = new List<GridCell>();
        var cells = new List<GridCell>();
        foreach (var split in recipe.Splits)
        {
            var teacher = Teacher(recipe, split, teachers, errors);
            if (teacher is not null && !teachers.Contains(teacher)) teachers.Add(teacher);
            var grid = from student in recipe.Students
                       from method in recipe.Methods
                       from seed in recipe.Seeds
                       select Cell(recipe, split, teacher, student, method, seed, errors);
            foreach (var cell in grid)
                if (cell is not null && !cells.Any(other => other.Id == cell.Id)) cells.Add(cell);
        }
        return errors.Count == 0 ? new GridPlan(recipe, teachers, cells) : throw new RecipeException(errors);
    }

    private static GridCell? Teacher(GridRecipe recipe, GridSplit split, List<GridCell> others, List<RecipeError> errors)
    {
        if (split.Trained is not null) return null;
        var bound = RecipeReader.Bind<Recipe>(
        [
            recipe.Teacher.Node, split.Teacher.Node, TableParts.Data(split.Data ?? recipe.Data), TableParts.Given("method", "student"),
            TableParts.Given("stages", TableParts.EmptyList),
        ], errors);
        if (bound is null) return null;
        var cell = new GridCell(split.Name, "", bound.Method, bound.Seeds.Run, bound);
        return others.FirstOrDefault(other => other.Recipe.Data == bound.Data && other.SettingsHash == cell.SettingsHash) ?? cell;
    }

    private static GridCell? Cell(
        GridRecipe recipe, GridSplit split, GridCell? teacher, RecipeText student, RecipeText method, int seed, List<RecipeError> errors)
    {
        var bound = RecipeReader.Bind<Recipe>(
        [
            recipe.Base.Node, split.Student.Node, Edits(recipe, method, errors), TableParts.Data(split.Data ?? recipe.Data),
            TableParts.Given("setting", RecipeNames.Kebab(recipe.Setting.ToString())), TableParts.Given("student", student.Node),
            TableParts.Given("method", method.Node), TableParts.Given("teacher", split.Trained ?? $"{split.Name}/teacher"),
            TableParts.Given("seeds.run", seed.ToString(CultureInfo.InvariantCulture)),
        ], errors);
        if (bound?.CreateMethod() is not { } made) return null;
        var network = made.Start == StudentStart.Teacher ? GridCell.Own : student.Text;
        var own = made.Classifier is null ? seed : recipe.Seeds[0];
        return new GridCell(split.Name, network, made.Name, own, made.HasTeacher ? bound : bound with { Teacher = null })
        {
            Teacher = made.HasTeacher ? teacher : null,
            TrainedTeacher = made.HasTeacher ? split.Trained : null,
        };
    }

    private static RecipeNode.Mapping Edits(GridRecipe recipe, RecipeText method, List<RecipeError> errors)
    {
        switch (recipe.Edits.Node.Values.GetValueOrDefault(method.Text))
        {
            case null or RecipeNode.Scalar { IsNull: true }: return RecipePart.Empty.Node;
            case RecipeNode.Mapping changes: return changes;
            case var other:
                errors.Blame(other, $"edits.{method}", $"expected a mapping of keys to values, not {other.Describe()}");
                return RecipePart.Empty.Node;
        }
    }
}
