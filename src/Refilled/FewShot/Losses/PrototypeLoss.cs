using Refilled.Data;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.FewShot.Losses;

/// <summary>Prototypical networks: cross-entropy of the queries by their distances to the class means of the support.</summary>
/// <remarks>The prototype P_c of a class is the mean of its support embeddings, the logits of a query q are <c>-|q - P_c|² / τ</c>;
/// their cross-entropy with the query's class, mean over the queries of an episode. Snell, Swersky and Zemel, "Prototypical
/// Networks for Few-shot Learning", NIPS 2017.</remarks>
public sealed record PrototypeLoss : EpisodeLoss
{
    /// <summary>τ. Default 1.</summary>
    /// <remarks>The paper has none, and FEAT's code of this baseline divides by 1 unless told otherwise. Where training goes on
    /// from a pretrained network, whose embeddings are long, FEAT's authors advise a larger one.</remarks>
    public double Temperature { get; init; } = 1;

    /// <inheritdoc/>
    public override string Name => "prototypes";

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
        [.. base.Validate(), .. Check.Positive("temperature", Temperature)];

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new PrototypeObjective(this);

    private sealed class PrototypeObjective(PrototypeLoss spec) : Objective(spec), ILearnerObjective
    {
        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            using var scope = NewDisposeScope();
            var (support, queries) = Prototypes.Split(student.Embedding, spec.Episode);
            var sum = Prototypes.CrossEntropy(queries, support.mean([0]), spec.Temperature);
            return LossTerm.Of(sum, spec.Episode.Queries);
        }

        public IFewShotLearner Learner(EmbeddingNetwork network) => new PrototypeLearner(network);
    }
}
