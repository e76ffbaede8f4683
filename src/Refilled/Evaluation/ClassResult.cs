using Refilled.Data;

namespace Refilled.Evaluation;

/// <summary>How many images of a class were classified right.</summary>
/// <param name="Name">The class.</param>
/// <param name="Right">How many were.</param>
/// <param name="Images">Of how many, at least one.</param>
internal sealed record ClassResult(string Name, int Right, int Images)
{
    /// <summary>The part that was right, in [0, 1].</summary>
    public double Accuracy => (double)Right / Images;

    /// <summary>The accuracy of each class that has images, the worst first.</summary>
    /// <param name="right">Of each image whether it was classified right.</param>
    /// <param name="set">The images, in the same order.</param>
    public static IReadOnlyList<ClassResult> Of(IReadOnlyList<bool> right, ImageSet set) =>
        [.. Enumerable.Range(0, set.Count).GroupBy(i => set.Labels[i]).OrderBy(own => own.Key)
            .Select(own => new ClassResult(set.ClassNames[own.Key], own.Count(i => right[i]), own.Count()))
            .OrderBy(one => one.Accuracy)];

    /// <summary>The mean over classes, in [0, 1]: a class with few images counts as much as one with many.</summary>
    public static double Balanced(IReadOnlyList<ClassResult> classes) => classes.Average(one => one.Accuracy);
}
