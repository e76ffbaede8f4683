using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tables.Grid;
using Refilled.Teachers;
using static System.FormattableString;

namespace Refilled.Figures.FirstStage;

/// <summary>A training whose embedding is divided into groups between epochs.</summary>
/// <param name="Figure">The figure's recipe.</param>
/// <param name="Cell">The training.</param>
/// <param name="Teaching">The training of the teacher; null where it was trained already.</param>
/// <param name="Shown">Whether it is the run that the maps and the triplet are made of.</param>
internal sealed record ClusterRun(FirstStageRecipe Figure, GridCell Cell, GridCell? Teaching, bool Shown)
    : FigureRun<ClusterMeasures>(Cell, Teaching)
{
    /// <inheritdoc/>
    public override bool AsksTeacher => Shown;

    /// <inheritdoc/>
    public override string Look
    {
        get
        {
            var (unseen, map) = (Figure.Unseen, Figure.Map);
            var maps = Shown ? Invariant($"; maps of {map.Classes} classes, perplexity {map.Perplexity}, {map.Images} images") : "";
            return $"unseen {Identity.Classes(unseen.Classes)} ({unseen.Part}), "
                + $"{Figure.Clusterings} clusterings every {Figure.Every}{maps}";
        }
    }

    /// <summary>The epochs after which the student is measured.</summary>
    public IReadOnlyList<int> Planned(int epochs) =>
        [.. Enumerable.Range(0, epochs + 1).Where(epoch => epoch % Figure.Every == 0 || epoch == epochs)];

    /// <inheritdoc/>
    public override IRunProbe Probe(Experiment experiment, Dataset data, ITeacher? teacher, string file) =>
        new ClusterProbe(this, experiment, data, teacher, file);

    /// <inheritdoc/>
    public override string Summary(object result)
    {
        var (run, last) = (((FigureResult<ClusterMeasures>)result).Run, ((FigureResult<ClusterMeasures>)result).Measures.Epochs[^1]);
        return Invariant($"NMI {last.HeldOut.Nmi:0.000}, of unseen classes {last.Unseen.Nmi:0.000} ({run.Seconds:0} s)");
    }
}
