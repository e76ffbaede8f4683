using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses.Alignment;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.Grid;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Figures.FirstStage;

/// <summary>The trainings of a first-stage figure.</summary>
internal sealed record FirstStagePlan(FirstStageRecipe Recipe, GridPlan Grid, IReadOnlyList<FigureRun> Runs) : FigurePlan(Grid, Runs)
{
    /// <summary>Expands a recipe.</summary>
    /// <exception cref="RecipeException">A run's recipe is wrong.</exception>
    /// <exception cref="InputException">A method can't be a line of the figure.</exception>
    public static FirstStagePlan Expand(FirstStageRecipe recipe)
    {
        var grid = recipe.Expand();
        foreach (var cell in grid.Cells.DistinctBy(cell => cell.Method))
        {
            var method = cell.Recipe.CreateMethod();
            if (method.Stages.Count != 1 || method.Start != Training.StudentStart.Fresh)
                throw new InputException($"methods: '{cell.Method}' can't be a line of the figure: a line is a student that is trained "
                    + $"from scratch in one stage, and this has {method.Stages.Count}. Name the stage's losses among the edits.");
            if (cell.Method == recipe.Map.Method && !method.Stages[0].Losses.Any(loss => loss is AlignmentLoss))
                throw new InputException($"map.method: '{cell.Method}' compares no triplets; name a method whose stage has "
                    + "triplet-alignment or tuple-alignment.");
        }
        return new(recipe, grid, [.. grid.Cells.Select(cell => Run(recipe, grid, cell))]);
    }

    /// <inheritdoc/>
    public override void Check(LoadedData data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var own = Grid.Cells[0].Recipe;
        var loaded = data.Of(own.Data, own.DataOptions, cancel);
        var images = RunImages.Select(own, loaded);
        if (images.HeldOut.Count == 0)
            throw new InputException("The figure measures on images that are held out, and none are: base.hold-out must be above 0.");
        if (images.HeldOut.Labels.Distinct().Count() < images.Train.Classes)
            throw new InputException("The figure measures on images that are held out, and some class has none: give base.hold-out or "
                + "base.images-per-class more.");
        UnseenImages.Select(Recipe, loaded, images.Train.ClassNames, TeacherClasses(data, formats, cancel));
    }

    /// <inheritdoc/>
    public override FirstStageReport Report(FoundResults found) => FirstStageReporter.Make(this, found);

    private IReadOnlyList<string> TeacherClasses(LoadedData data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        if (Recipe.Trained is { } trained)
        {
            using var teacher = Teacher.Open(Teacher.Find(trained, formats: formats),
                new TeacherOptions(CPU, Networks.Precision.Fp32), formats);
            return teacher.ClassNames;
        }
        var own = Grid.Teachers[0].Recipe;
        var loaded = data.Of(own.Data, own.DataOptions, cancel);
        return [.. ClassSpec.Parse(own.Classes).Resolve(loaded).Select(label => loaded.Train.ClassNames[label])];
    }

    private static ClusterRun Run(FirstStageRecipe recipe, GridPlan grid, GridCell cell)
    {
        var shown = cell.Method == recipe.Map.Method && cell.Seed == recipe.Seeds[0];
        return new ClusterRun(recipe, cell, grid.Teachers.SingleOrDefault(), shown);
    }
}
