using Refilled.Data;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables.Grid;
using Refilled.Teachers;
using static System.FormattableString;

namespace Refilled.Figures.SecondStage;

/// <summary>A training by cross-entropy whose gradients are compared at some moments.</summary>
/// <param name="Figure">The figure's recipe.</param>
/// <param name="Cell">The training.</param>
/// <param name="Teaching">The training of the teacher; null where it was trained already.</param>
internal sealed record GradientRun(SecondStageRecipe Figure, GridCell Cell, GridCell? Teaching)
    : FigureRun<GradientMeasures>(Cell, Teaching)
{
    /// <inheritdoc/>
    public override bool AsksTeacher => true;

    /// <inheritdoc/>
    public override string Look => Invariant($"classes {string.Join(' ', Figure.Classes)}, batches {Figure.Batches}, moments ")
        + string.Join(' ', Figure.Moments.Select(moment => Invariant($"{moment}"))) + ", methods "
        + string.Join(' ', Figure.Methods.Select(method => $"{method.Name} {Hash(method)}"));

    /// <summary>The epochs after which the student is looked at.</summary>
    public IReadOnlyList<int> Planned(int epochs) =>
        [.. Figure.Moments.Select(moment => (int)Math.Round(moment * epochs, MidpointRounding.AwayFromZero)).Distinct().Order()];

    /// <inheritdoc/>
    public override IRunProbe Probe(Experiment experiment, Dataset data, ITeacher? teacher, string file) =>
        new GradientProbe(this, experiment, teacher!, file);

    /// <inheritdoc/>
    public override string Summary(object result)
    {
        var (run, last) = (((FigureResult<GradientMeasures>)result).Run, ((FigureResult<GradientMeasures>)result).Measures.Moments[^1]);
        return Invariant($"epoch {last.Epoch}: ") + string.Join(", ", Figure.Methods.Select(method => method.Name + " "
            + string.Join(" to ", new[] { Figure.Classes[0], Figure.Classes[^1] }.Select(classes => last.Points
                .First(point => point.Method == method.Name && point.Classes == classes).Difference)
                .Select(value => Invariant($"{value:0.000}"))))) + Invariant($" ({run.Seconds:0} s)");
    }

    private static string Hash(GradientMethod method) =>
        string.Join('+', method.Losses.Select(loss => $"{loss.Name}:{RecipeWriter.Hash(loss)[..12]}"));
}
