using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Losses.Features;
using Refilled.Recipes;

namespace Refilled.Experiments;

/// <summary>The losses of a stage that a recipe defines, by name.</summary>
/// <remarks>Each that is named takes what it doesn't give from the recipe's <see cref="Recipe.Losses"/>; a number alone is its
/// weight.</remarks>
[StartsFrom(nameof(Recipe.Losses))]
public sealed record StageLosses : IValidated
{
    /// <inheritdoc cref="LossOptions.CrossEntropy"/>
    public CrossEntropy? CrossEntropy { get; init; }

    /// <inheritdoc cref="LossOptions.SoftTargets"/>
    public SoftTargets? SoftTargets { get; init; }

    /// <inheritdoc cref="LossOptions.Hint"/>
    public Hint? Hint { get; init; }

    /// <inheritdoc cref="LossOptions.AttentionTransfer"/>
    public AttentionTransfer? AttentionTransfer { get; init; }

    /// <inheritdoc cref="LossOptions.NeuronSelectivity"/>
    public NeuronSelectivity? NeuronSelectivity { get; init; }

    /// <inheritdoc cref="LossOptions.VariationalInformation"/>
    public VariationalInformation? VariationalInformation { get; init; }

    /// <inheritdoc cref="LossOptions.RelationalKnowledge"/>
    public RelationalKnowledge? RelationalKnowledge { get; init; }

    /// <inheritdoc cref="LossOptions.TripletAlignment"/>
    public TripletAlignment? TripletAlignment { get; init; }

    /// <inheritdoc cref="LossOptions.TupleAlignment"/>
    public TupleAlignment? TupleAlignment { get; init; }

    /// <inheritdoc cref="LossOptions.LocalClassifier"/>
    public LocalClassifier? LocalClassifier { get; init; }

    /// <inheritdoc cref="LossOptions.Prototypes"/>
    public PrototypeLoss? Prototypes { get; init; }

    /// <inheritdoc cref="LossOptions.SetToSet"/>
    public SetToSetLoss? SetToSet { get; init; }

    /// <inheritdoc cref="LossOptions.Maml"/>
    public MamlLoss? Maml { get; init; }

    /// <summary>The losses that are named, in the order of this list, whatever the file's.</summary>
    public IReadOnlyList<LossSpec> Named =>
        [.. RecipeBinder.Properties(typeof(StageLosses)).Select(property => property.GetValue(this)).OfType<LossSpec>()];

    /// <summary>The names of all losses, as a recipe writes them.</summary>
    internal static IEnumerable<string> Names =>
        RecipeBinder.Properties(typeof(StageLosses)).Select(property => RecipeNames.Kebab(property.Name));

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
        from property in RecipeBinder.Properties(typeof(StageLosses))
        let loss = property.GetValue(this) as LossSpec
        where loss is not null
        from problem in loss.Validate()
        select ($"{RecipeNames.Kebab(property.Name)}.{problem.Option}", problem.Message);
}
