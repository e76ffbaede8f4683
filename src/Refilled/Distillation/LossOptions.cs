using Refilled.Recipes;

namespace Refilled.Distillation;

/// <summary>The options of every loss that a recipe can set. Each method takes the ones it uses.</summary>
public sealed record LossOptions : IValidated
{
    /// <summary>Stage 1, triplets. Default weight 500: the effective weight of REFILLED's authors.</summary>
    public TripletAlignment TripletAlignment { get; init; } = new() { Weight = 500 };

    /// <summary>Stage 1, tuples. Default weight 1000, as REFILLED's authors.</summary>
    public TupleAlignment TupleAlignment { get; init; } = new() { Weight = 1000 };

    /// <summary>Stage 2. Defaults: the paper's profile, λ = 1.</summary>
    public LocalClassifier LocalClassifier { get; init; } = LocalClassifier.Paper;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
        from pair in new (string Key, LossSpec Loss)[] { ("triplet-alignment", TripletAlignment), ("tuple-alignment", TupleAlignment), ("local-classifier", LocalClassifier) }
        from problem in pair.Loss.Validate()
        select ($"{pair.Key}.{problem.Option}", problem.Message);
}
