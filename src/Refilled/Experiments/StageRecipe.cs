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

    /// <summary>What is minimised.</summary>
    public required StageLosses Losses { get; init; }

    /// <summary>Whether a loss reads the student's logits, so that the classifier is trained.</summary>
    internal bool TrainsClassifier => Losses is not null && Losses.Named.Any(loss => loss.StudentNeeds.HasFlag(Needs.Logits));

    /// <summary>Whether a loss reads few-shot tasks.</summary>
    internal bool ReadsEpisodes => Losses is not null && Losses.Named.Any(loss => loss.Episode is not null);

    /// <summary>The name, given or not.</summary>
    internal string Called => Name ?? (TrainsClassifier ? "classifier" : "embedding");

    /// <summary>The stage, with what isn't given filled in.</summary>
    public Stage Create() => new(Called, Losses?.Named ?? [],
        Length ?? (TrainsClassifier ? StageLength.Second : StageLength.First),
        Selection ?? (TrainsClassifier ? SelectionMeasure.Accuracy : SelectionMeasure.NearestClassMean));

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Losses is null) yield break; // missing, and reported as that
        if (Losses.Named.Count == 0)
            yield return ("losses", $"names no loss. Known: {string.Join(", ", StageLosses.Names)}");
        else if (Selection == SelectionMeasure.Accuracy && !TrainsClassifier)
            yield return ("selection", "no loss of this stage trains the classifier, whose accuracy means nothing then; "
                + "use nearest-class-mean");
        if (Stage.Disagreement(Losses.Named) is { } why) yield return ("losses", why);
        if (Name is { Length: 0 }) yield return ("name", "must not be empty; leave it out for the usual one");
    }
}
