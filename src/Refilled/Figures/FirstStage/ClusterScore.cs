using Refilled.Evaluation;
using Refilled.Evaluation.Clustering;
using static TorchSharp.torch;

namespace Refilled.Figures.FirstStage;

/// <summary>How well classes can be told in an embedding whose rows are divided by their length.</summary>
/// <param name="Nmi">Normalised mutual information of classes and k-means' groups, k of them; mean over k-means' seeds.</param>
/// <param name="Deviation">Its standard deviation over k-means' seeds.</param>
/// <param name="Chance">The same where the groups' members are drawn at random.</param>
/// <param name="Ncm">Accuracy of the nearest class mean, in [0, 1]; the means are those of other images.</param>
/// <param name="Images">Images that were divided.</param>
/// <param name="Classes">Their classes, k.</param>
internal sealed record ClusterScore(double Nmi, double Deviation, double Chance, double Ncm, int Images, int Classes)
{
    private const int Draws = 5;

    /// <summary>Measures an embedding.</summary>
    /// <param name="means">What class means are taken from.</param>
    /// <param name="tested">What is classified by them.</param>
    /// <param name="divided">What k-means divides: the tested alone, or both.</param>
    /// <param name="clusterings">How often it begins anew, at least once.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="NotFiniteNumberException">An embedding is NaN or infinite.</exception>
    public static ClusterScore Of(Readings means, Readings tested, Divided divided, int clusterings, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var centres = NearestClassMean.Fit(means.Embeddings, means.Labels);
        var both = divided == Divided.Both;
        double[][] rows = both ? [.. means.UnitRows(), .. tested.UnitRows()] : tested.UnitRows();
        var labels = (both ? cat([means.Labels, tested.Labels], 0) : tested.Labels).Integers();
        var classes = labels.Distinct().Count();
        var runs = Enumerable.Range(0, clusterings).Select(seed => KMeans.Divide(rows, classes, seed, cancel)).ToList();
        var nmi = Spread.Of([.. runs.Select(groups => MutualInformation.Normalised(labels, groups))]);
        var chance = runs.Index().Average(run => MutualInformation.ByChance(labels, run.Item, Draws, run.Index));
        return new(Rounded(nmi.Mean), Rounded(nmi.Deviation), Rounded(chance),
            Rounded(centres.Accuracy(tested.Embeddings, tested.Labels)), labels.Length, classes);
    }

    private static double Rounded(double number) => Math.Round(number, 6);
}

/// <summary>Which images k-means divides.</summary>
internal enum Divided
{
    /// <summary>Those that are classified.</summary>
    Tested,

    /// <summary>Those that the class means are taken from, too.</summary>
    Both,
}
