using Refilled.Data;
using Refilled.Networks;
using Refilled.Recipes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>Variational information distillation (VID-I): a network, trained along, predicts the teacher's feature map from the
/// student's.</summary>
/// <remarks>Its prediction μ has a variance σ² for each channel; the loss is the mean over channels and pixels of ((μ - teacher)² /
/// σ² + ln σ²) / 2, summed over the groups, mean over images. The larger map is average-pooled to the smaller first. Ahn et al.,
/// "Variational Information Distillation for Knowledge Transfer", CVPR 2019; the usual weight is 1. μ is three 1×1 convolutions
/// without bias, ReLU between them; σ² = ln(1 + exp(scale)) + ε. The constant ln(2π)/2 is left out, so that the loss may be
/// negative.</remarks>
public sealed record VariationalInformation : LossSpec
{
    /// <summary>Channels within μ. Default: the teacher's (RepDistiller).</summary>
    public int? Hidden { get; init; }

    /// <summary>σ² of every channel at the start. Default 5 (the paper's code).</summary>
    public double InitialVariance { get; init; } = 5;

    /// <summary>ε, the least variance. Default 1e-5 (the paper's code).</summary>
    public double LeastVariance { get; init; } = 1e-5;

    /// <inheritdoc/>
    public override string Name => "variational-information";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.FeatureMaps;

    /// <inheritdoc/>
    public override bool ReadsLabels => false;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Range("hidden", Hidden, 1, 65536),
        .. Check.Positive("least-variance", LeastVariance),
        .. Check.Problem(InitialVariance > LeastVariance && double.IsFinite(InitialVariance), "initial-variance",
            $"must be above the least variance ({LeastVariance}), not {InitialVariance}"),
    ];

    /// <inheritdoc/>
    public override string? Misfit(SignalShapes shapes) => FeatureMatching.OneByOne(shapes);

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new InformationObjective(this, shapes, seed);

    private sealed class InformationObjective : Objective
    {
        private readonly ModuleList<Predictor> predictors;

        public InformationObjective(VariationalInformation spec, SignalShapes shapes, long seed) : base(spec)
        {
            using var generator = new Generator((ulong)seed);
            predictors = new ModuleList<Predictor>();
            foreach (var (student, teacher) in shapes.StudentMaps.Zip(shapes.TeacherMaps))
                predictors.Add(new Predictor(spec, student.Channels, teacher.Channels, generator));
            RegisterComponents();
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
            FeatureMatching.Sum(student.FeatureMaps, teacher.FeatureMaps, (i, learned, taught) => predictors[i].call(learned, taught));
    }

    /// <summary>μ and σ² of one group.</summary>
    /// <remarks>From the student's map <c>[B, c, h, w]</c> and the teacher's <c>[B, c', h, w]</c> to the loss of each image
    /// <c>[B]</c>.</remarks>
    private sealed class Predictor : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Connector conv1, conv2, conv3;
        private readonly Parameter scale;
        private readonly double least;

        public Predictor(VariationalInformation spec, int inputs, int outputs, Generator generator) : base(nameof(Predictor))
        {
            var hidden = spec.Hidden ?? outputs;
            conv1 = new Connector(inputs, hidden, hasBias: false, generator);
            conv2 = new Connector(hidden, hidden, hasBias: false, generator);
            conv3 = new Connector(hidden, outputs, hasBias: false, generator);
            least = spec.LeastVariance;
            // The inverse of softplus; for a large variance the exponential would overflow, and the inverse is the number itself.
            var free = spec.InitialVariance - least;
            var initial = free > 30 ? free : Math.Log(Math.Exp(free) - 1);
            scale = new Parameter(Numbers.Full([outputs], initial, ScalarType.Float32, CPU).DetachFromDisposeScope());
            scale.DetachFromDisposeScope();
            RegisterComponents();
        }

        public override Tensor forward(Tensor student, Tensor teacher)
        {
            using var scope = NewDisposeScope();
            var mean = conv3.call(nn.functional.relu(conv2.call(nn.functional.relu(conv1.call(student)))));
            var variance = scale.SoftPlus().Plus(least).view(1, -1, 1, 1);
            var losses = ((mean - teacher).Squared() / variance).Plus(variance.log()).Over(2);
            return FeatureMatching.MeanOfEach(losses).MoveToOuterDisposeScope();
        }
    }
}
