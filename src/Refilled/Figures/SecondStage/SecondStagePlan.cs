using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.Grid;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Figures.SecondStage;

/// <summary>The trainings of a second-stage figure.</summary>
internal sealed record SecondStagePlan(SecondStageRecipe Recipe, GridPlan Grid, IReadOnlyList<FigureRun> Runs) : FigurePlan(Grid, Runs)
{
    /// <summary>Expands a recipe.</summary>
    /// <exception cref="RecipeException">A run's recipe is wrong.</exception>
    public static SecondStagePlan Expand(SecondStageRecipe recipe)
    {
        var grid = recipe.Expand();
        return new(recipe, grid, [.. grid.Cells.Select(cell => new GradientRun(recipe,
            cell with { Recipe = cell.Recipe with { Teacher = recipe.Trained ?? "runs/teacher" } }, grid.Teachers.SingleOrDefault()))]);
    }

    /// <inheritdoc/>
    public override void Check(LoadedData data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var own = Grid.Cells[0].Recipe;
        var images = RunImages.Select(own, data.Of(own.Data, own.DataOptions, cancel));
        if (Recipe.Classes[^1] > images.Train.Classes)
            throw new InputException($"classes: {Recipe.Classes[^1]} classes are asked for, "
                + $"but base.classes names {images.Train.Classes}.");
        if (Recipe.Trained is not { } trained) return;
        using var teacher = Teacher.Open(Teacher.Find(trained, formats: formats), new TeacherOptions(CPU, Precision.Fp32), formats);
        var needed = Recipe.Methods.Aggregate(Needs.Embedding | Needs.Logits, (needs, method) => needs | method.TeacherNeeds);
        if ((needed & ~teacher.Teach().Provides) is not Needs.None and var lacking)
            throw new InputException($"The figure reads the teacher's {lacking}, which the teacher '{trained}' doesn't give. "
                + "Name a network that was trained on all of the student's classes.");
        ClassRelation.Check(Setting.Standard, teacher.ClassNames, images.Train.ClassNames);
    }

    /// <inheritdoc/>
    public override SecondStageReport Report(FoundResults found) => SecondStageReporter.Make(this, found);
}
