using Refilled.Data;
using Refilled.Networks;
using Refilled.Networks.Layers;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>The hint of FitNets: a 1×1 convolution, trained along, should make the teacher's middle feature map from the
/// student's.</summary>
/// <remarks>Mean of (R(student) - teacher)² over channels and pixels, with R the convolution; mean over images. The larger map is
/// average-pooled to the smaller first. Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015; here, as in most
/// comparisons, the hint is trained together with cross-entropy. The usual weight 100 is RepDistiller's, where batch norm follows
/// the convolution. Of maps that no norm has seen, as a WideResNet's are, the bare convolution diverges with that weight at a
/// learning rate of 0.1 within steps.</remarks>
public sealed record Hint : LossSpec
{
    /// <summary>Whether batch norm follows the convolution. Default false, the bare convolution; the method fitnet has it on.</summary>
    public bool BatchNorm { get; init; }

    /// <inheritdoc/>
    public override string Name => "hint";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override bool ReadsLabels => false;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new HintObjective(this, shapes, seed);

    /// <summary>The middle one of some things: the second of three.</summary>
    private static T Middle<T>(IReadOnlyList<T> items) => items[items.Count / 2];

    private sealed class HintObjective : Objective
    {
        private readonly Connector regressor;
        private readonly BatchNormalisation? norm;

        public HintObjective(Hint spec, SignalShapes shapes, long seed) : base(spec)
        {
            using var generator = new Generator((ulong)seed);
            regressor = new Connector(Middle(shapes.StudentMaps).Channels, Middle(shapes.TeacherMaps).Channels, hasBias: true, generator);
            if (spec.BatchNorm) norm = new BatchNormalisation(Middle(shapes.TeacherMaps).Channels);
            RegisterComponents();
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            using var scope = NewDisposeScope();
            var (learned, taught) = FeatureMatching.Match(Middle(student.FeatureMaps), Middle(teacher.FeatureMaps));
            var errors = FeatureMatching.MeanOfEach((Normalised(regressor.call(learned)) - taught).Squared());
            return LossTerm.Of(errors.sum(), errors.shape[0]);
        }

        private Tensor Normalised(Tensor map)
        {
            if (norm is null) return map;
            // A single number of a channel has no variance; then the running statistics must do.
            norm.train(map.shape[0] * map.shape[2] * map.shape[3] > 1);
            return norm.call(map);
        }
    }
}
