using Refilled.Data;
using Refilled.Networks;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Distillation;

/// <summary>The hint of FitNets: a 1×1 convolution R, trained along, should make the teacher's middle feature map from the
/// student's; mean of (R(student) - teacher)² over channels and pixels, mean over images. The larger map is average-pooled to the
/// smaller first.</summary>
/// <remarks>Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015; here, as in most comparisons, the hint is trained
/// together with cross-entropy, and its usual weight is 100. The regressor is the bare convolution, with a bias.</remarks>
public sealed record Hint : LossSpec
{
    /// <inheritdoc/>
    public override string Name => "hint";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new HintObjective(this, shapes, seed);

    /// <summary>The middle one of some things: the second of three.</summary>
    private static T Middle<T>(IReadOnlyList<T> items) => items[items.Count / 2];

    private sealed class HintObjective : Objective
    {
        private readonly Connector regressor;

        public HintObjective(Hint spec, SignalShapes shapes, long seed) : base(spec)
        {
            using var generator = new Generator((ulong)seed);
            regressor = new Connector(Middle(shapes.StudentMaps).Channels, Middle(shapes.TeacherMaps).Channels, hasBias: true, generator);
            RegisterComponents();
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            using var scope = NewDisposeScope();
            var (learned, taught) = FeatureMatching.Match(Middle(student.FeatureMaps), Middle(teacher.FeatureMaps));
            var errors = FeatureMatching.MeanOfEach((regressor.call(learned) - taught).square());
            return new LossTerm(errors.sum().MoveToOuterDisposeScope(), full([], errors.shape[0], ScalarType.Float32, errors.device).MoveToOuterDisposeScope());
        }
    }
}
