using Refilled.Data;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.FewShot.Losses;

/// <summary>FEAT: <see cref="PrototypeLoss"/> on prototypes that are adapted to each other, plus a contrastive loss.</summary>
/// <remarks>An episode's prototypes are first adapted to each other by a <see cref="SetTransformer"/> that trains with the student
/// and is kept. Plus <c>Balance</c> times a contrastive loss: all images of a class, support and queries, are adapted as a set;
/// their mean is the class's centre A_c, and every image x, not adapted, is classified by <c>-|x - A_c|² / τ'</c>, mean over all
/// images of the episode. Ye, Hu, Zhan and Sha, "Few-Shot Learning via Embedding Adaptation with Set-to-Set Functions", CVPR 2020.
/// The contrastive loss is that of the authors' code, which compares the embeddings as they are, not the adapted ones, with the
/// centres. The code's dropout of attention weights (0.1) is left out; its dropout of what the attention adds (0.5) is an option.
/// The defaults of both temperatures and of the balance are those of four of the six commands that the authors publish,
/// each.</remarks>
public sealed record SetToSetLoss : EpisodeLoss
{
    /// <summary>τ. Default 64 (FEAT's code; 32 for 5 shots with ConvNet-4).</summary>
    public double Temperature { get; init; } = 64;

    /// <summary>Factor of the contrastive loss; 0 leaves it out. Default 0.1.</summary>
    /// <remarks>FEAT's code; it has 1 for 1 shot with ConvNet-4, 0.01 with ResNet-12.</remarks>
    public double Balance { get; init; } = 0.1;

    /// <summary>τ', the temperature of the contrastive loss. Default 64.</summary>
    /// <remarks>FEAT's code; it has 16 for 1 shot with ConvNet-4, 32 for 5 shots with ResNet-12.</remarks>
    public double ContrastTemperature { get; init; } = 64;

    /// <summary>Heads of the transformer, each as wide as the embedding. Default 1 (the paper).</summary>
    public int Heads { get; init; } = 1;

    /// <summary>How likely an entry of what the attention adds is left out in training. Default 0 (FEAT's code: 0.5).</summary>
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public override string Name => "set-to-set";

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Positive("temperature", Temperature),
        .. Check.NotNegative("balance", Balance),
        .. Check.Positive("contrast-temperature", ContrastTemperature),
        .. Check.Range("heads", Heads, 1, 64),
        .. Check.BelowOne("dropout", Dropout),
    ];

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) =>
        new SetToSetObjective(this, new SetTransformer(shapes.StudentEmbedding, Heads, seed: seed), seed);

    /// <summary>The loss of an episode, a scalar: mean over the queries plus <see cref="Balance"/> times the mean over all
    /// images.</summary>
    /// <param name="embedding"><c>[N·(K + Q), d]</c>.</param>
    /// <param name="transformer">What adapts.</param>
    /// <param name="dropoutSeed">Decides what is left out; null where nothing is.</param>
    internal Tensor Mean(Tensor embedding, SetTransformer transformer, long? dropoutSeed = null)
    {
        using var scope = NewDisposeScope();
        Tensor Adapt(Tensor sets, long use) =>
            transformer.Adapt(sets, dropoutSeed is { } seed && Dropout > 0 ? Factors(sets, seed, use) : null);
        var (support, queries) = Prototypes.Split(embedding, Episode);
        var mean = Prototypes.CrossEntropy(queries, Adapt(support.mean([0]), 0), Temperature).Over(Episode.Queries);
        if (Balance > 0)
        {
            var images = cat([support, queries], 0);
            var centres = Adapt(images.transpose(0, 1), 1).mean([1]);
            mean = mean.Plus(Prototypes.CrossEntropy(images, centres, ContrastTemperature).Over(Episode.Images).Times(Balance));
        }
        return mean.MoveToOuterDisposeScope();
    }

    /// <summary>0 for what is left out, and for the rest what makes up for it.</summary>
    /// <remarks>Not the engine's own dropout, whose numbers come from a hidden state and differ between devices.</remarks>
    private Tensor Factors(Tensor like, long seed, long use)
    {
        var random = new SeededRandom(seed, SeedStream.Dropout, use);
        var factors = new float[like.numel()];
        for (var i = 0; i < factors.Length; i++) factors[i] = random.Chance(Dropout) ? 0 : (float)(1 / (1 - Dropout));
        return tensor(factors, like.shape, device: like.device);
    }

    private sealed class SetToSetObjective : Objective, ILearnerObjective
    {
        private readonly SetToSetLoss spec;
        private readonly SetTransformer transformer;
        private readonly long seed;

        public SetToSetObjective(SetToSetLoss spec, SetTransformer transformer, long seed) : base(spec)
        {
            (this.spec, this.transformer, this.seed) = (spec, transformer, seed);
            register_module(nameof(transformer), transformer);
        }

        public override bool IsKept => true;

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            using var scope = NewDisposeScope();
            long? dropoutSeed = training ? SeedMix.Mix(seed, SeedStream.Dropout, clock.Epoch, clock.Step) : null;
            return LossTerm.Of(spec.Mean(student.Embedding, transformer, dropoutSeed).Times(spec.Episode.Queries), spec.Episode.Queries);
        }

        public IFewShotLearner Learner(EmbeddingNetwork network) => new FeatLearner(network, transformer);
    }
}
