using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>A loss between the student's and the teacher's feature maps, group by group: the sum over the groups, mean over
/// images. Where two maps differ in size, the larger is average-pooled to the smaller.</summary>
public abstract record GroupwiseLoss : PureLoss
{
    /// <inheritdoc/>
    public sealed override Needs StudentNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public sealed override Needs TeacherNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public sealed override string? Misfit(SignalShapes shapes) => FeatureMatching.OneByOne(shapes);

    /// <inheritdoc/>
    public sealed override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        foreach (var (learned, taught) in student.FeatureMaps.Zip(teacher.FeatureMaps, FeatureMatching.Match))
        {
            var group = OfGroup(learned, taught).sum();
            sum = sum is null ? group : sum.Plus(group);
        }
        return LossTerm.Of(sum!, student.FeatureMaps[0].shape[0]);
    }

    /// <summary>The loss of each image in one group.</summary>
    /// <param name="student"><c>[B, c, h, w]</c>, fp32 or fp64, with a gradient.</param>
    /// <param name="teacher"><c>[B, c', h, w]</c>, fp32 or fp64.</param>
    /// <returns><c>[B]</c>.</returns>
    protected internal abstract Tensor OfGroup(Tensor student, Tensor teacher);
}
