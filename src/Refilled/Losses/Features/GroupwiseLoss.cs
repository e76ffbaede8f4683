using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>A loss between the student's and the teacher's feature maps: the sum over the groups, mean over images.</summary>
/// <remarks>Where two maps differ in size, the larger is average-pooled to the smaller.</remarks>
public abstract record GroupwiseLoss : PureLoss
{
    /// <inheritdoc/>
    public sealed override Needs StudentNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public sealed override Needs TeacherNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public sealed override bool ReadsLabels => false;

    /// <inheritdoc/>
    public sealed override bool TakesMixed => true;

    /// <inheritdoc/>
    public sealed override string? Misfit(SignalShapes shapes) => FeatureMatching.OneByOne(shapes);

    /// <inheritdoc/>
    public sealed override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        var (maps, others) = (student.FeatureMaps.Count, teacher.FeatureMaps.Count);
        if (maps == 0 || maps != others)
            throw new ArgumentException($"Feature maps are compared one by one, but the student has {maps} and the teacher {others}.");
        return FeatureMatching.Sum(student.FeatureMaps, teacher.FeatureMaps, (_, learned, taught) => OfGroup(learned, taught));
    }

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="learned">The student's feature maps, <c>[B, c, h, w]</c> each, at least one.</param>
    /// <param name="taught">The teacher's, <c>[B, c', h', w']</c> each, as many.</param>
    /// <exception cref="ArgumentException">There are none, or they aren't equally many.</exception>
    public Tensor Of(IReadOnlyList<Tensor> learned, IReadOnlyList<Tensor> taught) =>
        Weighted(new Signals(featureMaps: learned), new Signals(featureMaps: taught), null);

    /// <summary>The loss of each image in one group.</summary>
    /// <param name="student"><c>[B, c, h, w]</c>, fp32 or fp64, with a gradient.</param>
    /// <param name="teacher"><c>[B, c', h, w]</c>, fp32 or fp64.</param>
    /// <returns><c>[B]</c>.</returns>
    protected internal abstract Tensor OfGroup(Tensor student, Tensor teacher);
}
