using Refilled.Data;
using Refilled.Evaluation.Clustering;

namespace Refilled.Figures.FirstStage;

/// <summary>Images of classes that the student is never trained on.</summary>
/// <param name="Means">Half of each class, which class means are taken from.</param>
/// <param name="Tested">The other half.</param>
/// <param name="Mapped">All images of the classes that are on the maps.</param>
internal sealed record UnseenImages(ImageSet Means, ImageSet Tested, ImageSet Mapped)
{
    private const int DivisionSeed = 0;

    /// <summary>Selects them.</summary>
    /// <param name="recipe">The figure's recipe.</param>
    /// <param name="data">The data.</param>
    /// <param name="student">Names of the student's classes.</param>
    /// <param name="teacher">Names of the teacher's; empty where they aren't known.</param>
    /// <exception cref="InputException">A class is the student's, the teacher has seen their training images, or there are too few or too
    /// many images.</exception>
    public static UnseenImages Select(
        FirstStageRecipe recipe, Dataset data, IReadOnlyCollection<string> student, IReadOnlyCollection<string> teacher)
    {
        var classes = ClassSpec.Parse(recipe.Unseen.Classes).Resolve(data);
        var names = classes.Select(label => data.Train.ClassNames[label]).ToList();
        if (names.Intersect(student, StringComparer.Ordinal).FirstOrDefault() is { } seen)
            throw new InputException($"unseen.classes: the student is trained on '{seen}'; name classes that it never sees.");
        if (recipe.Unseen.Part == UnseenPart.All && names.Intersect(teacher, StringComparer.Ordinal).FirstOrDefault() is { } taught)
            throw new InputException($"unseen.part: the teacher was trained on images of '{taught}'; take the test images "
                + "alone (part: test).");
        var all = recipe.Unseen.Part == UnseenPart.All ? data.Joined(classes) : data.Test.OfClasses(classes);
        if (all.Labels.CountBy(label => label).FirstOrDefault(own => own.Value < 2) is { Value: > 0 } single)
            throw new InputException($"unseen.classes: the class '{all.ClassNames[single.Key]}' has a single image; "
                + "class means need others "
                + "than those that are classified.");
        var (means, tested) = all.HoldOut(0.5, DivisionSeed);
        if (recipe.Map.Classes > classes.Count)
            throw new InputException($"map.classes: {recipe.Map.Classes} classes are to be mapped, "
                + $"and there are {classes.Count} unseen ones.");
        var shown = SeedMix.Permutation(classes.Count, DivisionSeed, SeedStream.Figures).Take(recipe.Map.Classes).Order().ToList();
        var mapped = all.OfClasses(shown);
        if (mapped.Count > NeighbourMap.MostRows)
            throw new InputException($"map.classes: they have {mapped.Count} images, and a map holds "
                + $"{NeighbourMap.MostRows}; map fewer classes.");
        if (recipe.Map.Perplexity >= mapped.Count - 1)
            throw new InputException($"map.perplexity: it must be less than {mapped.Count - 1} for {mapped.Count} images, "
                + FormattableString.Invariant($"not {recipe.Map.Perplexity}."));
        return new(means, tested, mapped);
    }
}
