using Refilled.Data;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Networks.Layers;
using Refilled.Recipes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Losses;

/// <summary>MAML: the cross-entropy of the queries after n steps on the support, by its gradient at the start.</summary>
/// <remarks>Parameters θ, the embedding's and those of a linear head for the episode's classes, take n steps <c>θ ← θ - α ∇L(θ)</c>
/// on the support's cross-entropy; the loss is the cross-entropy of the queries under what comes of them, mean over the queries,
/// and its gradient is that by the θ before the steps. The head trains with the student and is kept. Finn, Abbeel and Levine,
/// "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017. Batch norms use the statistics of the support,
/// then of the queries, as in the authors' code; running statistics are those of whole episodes, from the pass that every loss has,
/// and have no part in it. The authors train by Adam, with 4 episodes (1 shot) or 2 (5 shots) to an update.</remarks>
public sealed record MamlLoss : EpisodeLoss
{
    /// <summary>n. Default 5 (MAML, mini-ImageNet).</summary>
    public int InnerSteps { get; init; } = 5;

    /// <summary>α. Default 0.01 (MAML, mini-ImageNet, whose network is a ConvNet-4).</summary>
    public double InnerLearningRate { get; init; } = 0.01;

    /// <summary>Whether ∇L counts as a constant, which makes a step cheaper. Default false.</summary>
    public bool FirstOrder { get; init; }

    /// <summary>Steps on a task after training, validation tasks among them. Default 10 (MAML, mini-ImageNet).</summary>
    public int TestSteps { get; init; } = 10;

    /// <inheritdoc/>
    public override string Name => "maml";

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Range("inner-steps", InnerSteps, 1, 1000),
        .. Check.Positive("inner-learning-rate", InnerLearningRate),
        .. Check.Range("test-steps", TestSteps, 0, 1000),
    ];

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new MamlObjective(this, shapes.StudentEmbedding, seed);

    /// <summary>The loss of an episode, a scalar: the sum over the queries.</summary>
    /// <param name="model">The network and its head.</param>
    /// <param name="parameters">θ.</param>
    /// <param name="images">uint8 <c>[N·(K + Q), C, H, W]</c>, in the order of an episode.</param>
    internal Tensor Sum(MamlModel model, IReadOnlyDictionary<string, Tensor> parameters, Tensor images)
    {
        if (images.shape[0] != Episode.Images)
            throw new ArgumentException($"A batch of {images.shape[0]} images is no episode of {Episode.Images}.", nameof(images));
        using var scope = NewDisposeScope();
        Tensor Labels(int shots) => Numbers.Range(0, Episode.Way, model.Device).repeat(shots);
        var support = Episode.Way * Episode.Shot;
        var adapted = model.Adapt(parameters, images.narrow(0, 0, support), Labels(Episode.Shot), InnerSteps,
            InnerLearningRate, FirstOrder);
        var logits = model.Logits(images.narrow(0, support, Episode.Images - support), adapted);
        return nn.functional.cross_entropy(logits, Labels(Episode.Query), reduction: nn.Reduction.Sum).MoveToOuterDisposeScope();
    }

    private sealed class MamlObjective : Objective, ILearnerObjective
    {
        private readonly MamlLoss spec;
        private readonly Linear head;
        private MamlModel? model;

        public MamlObjective(MamlLoss spec, int size, long seed) : base(spec)
        {
            this.spec = spec;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using var generator = new Generator((ulong)seed);
            head = nn.Linear(size, spec.Episode.Way);
            head.weight!.copy_(Initialisation.LinearDefault([spec.Episode.Way, size], size, generator));
            head.bias!.copy_(Initialisation.LinearDefault([spec.Episode.Way], size, generator));
            register_module(nameof(head), head);
            // Without this the scope would take the parameters with it.
            foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();
        }

        public override bool IsKept => true;

        public override void Attach(EmbeddingNetwork student)
        {
            MamlModel.Check(student);
            model = new MamlModel(student, head);
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            if (model is null)
                throw new InvalidOperationException("MAML passes images through the student itself; attach it to the objective first.");
            using var scope = NewDisposeScope();
            var sum = spec.Sum(model, model.Parameters(), batch.Images);
            return LossTerm.Of(sum, spec.Episode.Queries);
        }

        public IFewShotLearner Learner(EmbeddingNetwork network) =>
            new MamlLearner(network, head) { Steps = spec.TestSteps, LearningRate = spec.InnerLearningRate };
    }
}
