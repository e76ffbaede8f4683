using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Losses.Features;
using Refilled.Recipes;

namespace Refilled.Experiments;

/// <summary>The options of every loss that a recipe can set, with the weights that are usual beside cross-entropy.</summary>
/// <remarks>Each method takes the ones it uses.</remarks>
public sealed record LossOptions : IValidated
{
    /// <summary>The labels. Default weight 1.</summary>
    public CrossEntropy CrossEntropy { get; init; } = new();

    /// <summary>The labels where soft targets stand beside them (kd, kd+vid). Default weight 0.1.</summary>
    public CrossEntropy HardTargets { get; init; } = new() { Weight = 0.1 };

    /// <summary>The teacher's softened probabilities. Default weight 0.9.</summary>
    public SoftTargets SoftTargets { get; init; } = new() { Weight = 0.9 };

    /// <summary>FitNets. Default weight 100, and the batch norm that this weight was published with.</summary>
    public Hint Hint { get; init; } = new() { Weight = 100, BatchNorm = true };

    /// <summary>Attention maps. Default weight 1000.</summary>
    public AttentionTransfer AttentionTransfer { get; init; } = new() { Weight = 1000 };

    /// <summary>Distribution of channels. Default weight 50.</summary>
    public NeuronSelectivity NeuronSelectivity { get; init; } = new() { Weight = 50 };

    /// <summary>VID-I. Default weight 1.</summary>
    public VariationalInformation VariationalInformation { get; init; } = new();

    /// <summary>Distances and angles, which have weights of their own (25, 50). Default weight 1.</summary>
    public RelationalKnowledge RelationalKnowledge { get; init; } = new();

    /// <summary>The teacher's embedding, read off the student's. Default weight 30 (docs/findings.md).</summary>
    [AbsentUnlessGiven]
    public EmbeddingRegression EmbeddingRegression { get; init; } = new() { Weight = 30 };

    /// <summary>Stage 1, triplets. Default weight 500: the effective weight of REFILLED's authors.</summary>
    public TripletAlignment TripletAlignment { get; init; } = new() { Weight = 500 };

    /// <summary>Stage 1, tuples. Default weight 1000, as REFILLED's authors.</summary>
    public TupleAlignment TupleAlignment { get; init; } = new() { Weight = 1000 };

    /// <summary>Stage 2. Defaults: the paper's profile, λ = 1.</summary>
    public LocalClassifier LocalClassifier { get; init; } = LocalClassifier.Paper;

    /// <summary>Few-shot tasks, by class means. Default weight 1.</summary>
    public PrototypeLoss Prototypes { get; init; } = new();

    /// <summary>Few-shot tasks, by class means that are adapted to each other. Default weight 1.</summary>
    public SetToSetLoss SetToSet { get; init; } = new();

    /// <summary>Few-shot tasks, by steps on each. Default weight 1.</summary>
    public MamlLoss Maml { get; init; } = new();

    /// <summary>The losses of a stage in the order of this list, which is that of their names in a checkpoint.</summary>
    /// <exception cref="ArgumentException">One stands there twice, or is none of this list.</exception>
    internal static IReadOnlyList<LossSpec> InOrder(IReadOnlyList<LossSpec> losses)
    {
        LossSpec[] ordered = [.. RecipeBinder.Parts(typeof(LossOptions))
            .SelectMany(part => losses.Where(loss => loss.GetType() == part.PropertyType).Take(1))];
        return ordered.Length == losses.Count ? ordered
            : throw new ArgumentException("A recipe's stage holds each loss of its losses once at most, and no other.");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
        from property in RecipeBinder.Properties(typeof(LossOptions))
        from problem in Check.Part(RecipeNames.Kebab(property.Name), ((LossSpec)property.GetValue(this)!).Validate())
        select problem;
}
