using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>A stage of a method that a recipe defines: a weighted sum of losses.</summary>
public sealed record StageRecipe : IValidated
{
    /// <summary>The stage's name in metrics. Default: "classifier" where a loss reads the student's logits, else "embedding".</summary>
    public string? Name { get; init; }

    /// <summary>Whose epochs and learning rate it takes: first, second, or total.</summary>
    /// <remarks>Default: second where a loss reads the student's logits, else first.</remarks>
    public StageLength? Length { get; init; }

    /// <summary>How the best epoch is chosen. Default: accuracy where a loss reads the student's logits, else nearest-class-mean.</summary>
    public SelectionMeasure? Selection { get; init; }

    /// <summary>What is minimised: each loss once at most, in the order of <see cref="LossOptions"/> whatever is given.</summary>
    /// <remarks>A recipe names them by their keys there. What it doesn't give of one is as its <see cref="Recipe.Losses"/> say; a
    /// number alone is the weight.</remarks>
    [PartsOf(typeof(LossOptions))]
    public required IReadOnlyList<LossSpec> Losses { get; init => field = LossOptions.InOrder(value); } = [];

    /// <summary>Whether a loss reads the student's logits, so that the classifier is trained.</summary>
    internal bool TrainsClassifier => Losses.Any(loss => loss.StudentNeeds.HasFlag(Needs.Logits));

    /// <summary>The name, given or not.</summary>
    internal string Called => Name ?? (TrainsClassifier ? "classifier" : "embedding");

    /// <summary>The stage, with what isn't given filled in.</summary>
    public Stage Create() => new(Called, Losses,
        Length ?? (TrainsClassifier ? StageLength.Second : StageLength.First),
        Selection ?? (TrainsClassifier ? SelectionMeasure.Accuracy : SelectionMeasure.NearestClassMean));

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Losses.Count == 0)
            yield return ("losses", "names no loss. Known: "
                + string.Join(", ", RecipeBinder.Parts(typeof(LossOptions)).Select(part => RecipeNames.Kebab(part.Name))));
        else if (Selection == SelectionMeasure.Accuracy && !TrainsClassifier)
            yield return ("selection", "no loss of this stage trains the classifier, whose accuracy means nothing then; "
                + "use nearest-class-mean");
        if (Stage.Disagreement(Losses) is { } why) yield return ("losses", why);
        if (Name is { Length: 0 }) yield return ("name", "must not be empty; leave it out for the usual one");
    }
}
