using Refilled.Data;
using Refilled.Experiments;

namespace Refilled.Reports.Looks;

/// <summary>What a network answers to its test images, counted in several ways.</summary>
internal sealed class Answers
{
    private readonly ImageSet set;
    private readonly float[] probabilities;

    /// <inheritdoc cref="Answers"/>
    /// <param name="look">A network with a classifier.</param>
    public Answers(NetworkLook look) : this(look.Measured, look.Probabilities) { }

    /// <inheritdoc cref="Answers"/>
    /// <param name="set">The images, N.</param>
    /// <param name="probabilities"><c>[N, C]</c>, row after row.</param>
    public Answers(ImageSet set, float[] probabilities)
    {
        (this.set, this.probabilities) = (set, probabilities);
        Of = [.. Enumerable.Range(0, set.Count).Select(i => Likeliest(probabilities.AsSpan(i * set.Classes, set.Classes)))];
        Counts = new int[set.Classes, set.Classes];
        for (var i = 0; i < set.Count; i++) Counts[set.Labels[i], Of[i]]++;
    }

    /// <summary>The likeliest class of each image, <c>[N]</c>.</summary>
    public IReadOnlyList<int> Of { get; }

    /// <summary>How many images of a class are taken for another, <c>[C, C]</c> by truth and answer.</summary>
    public int[,] Counts { get; }

    /// <summary>The probability of a class for an image.</summary>
    public double Probability(int position, int label) => probabilities[position * set.Classes + label];

    /// <summary>How sure each answer is, <c>[N]</c>.</summary>
    public double Sureness(int position) => Probability(position, Of[position]);

    /// <summary>Wrong answers, the surest first.</summary>
    public IReadOnlyList<int> SurestMistakes(int most) => [.. Enumerable.Range(0, set.Count).Where(i => Of[i] != set.Labels[i])
        .OrderByDescending(Sureness).Take(most)];

    /// <summary>Classes that are taken for others, by the number of images, the most first.</summary>
    public IReadOnlyList<Confused> MostConfused(int most) =>
        [.. (from truth in Enumerable.Range(0, set.Classes)
             from answer in Enumerable.Range(0, set.Classes)
             where truth != answer && Counts[truth, answer] > 0
             orderby Counts[truth, answer] descending
             select new Confused(truth, answer, [.. Enumerable.Range(0, set.Count)
                 .Where(i => set.Labels[i] == truth && Of[i] == answer).OrderByDescending(Sureness)])).Take(most)];

    /// <summary>The part of each of some bins of sureness that is right; empty bins are left out.</summary>
    /// <param name="count">Bins of equal width in [0, 1].</param>
    public IReadOnlyList<SurenessBin> Bins(int count) => [.. Enumerable.Range(0, set.Count)
        .GroupBy(i => Math.Min(count - 1, (int)(Sureness(i) * count))).OrderBy(bin => bin.Key)
        .Select(bin => new SurenessBin((double)bin.Key / count, (bin.Key + 1.0) / count, bin.Average(Sureness),
            bin.Count(i => Of[i] == set.Labels[i]), bin.Count()))];

    private static int Likeliest(ReadOnlySpan<float> row)
    {
        var first = 0;
        for (var c = 1; c < row.Length; c++)
            if (row[c] > row[first]) first = c;
        return first;
    }
}

/// <summary>Images of a class that are taken for another.</summary>
/// <param name="Truth">Their class.</param>
/// <param name="Answer">The other.</param>
/// <param name="Images">Their positions, the surest first.</param>
internal sealed record Confused(int Truth, int Answer, IReadOnlyList<int> Images);

/// <summary>Answers that are about equally sure.</summary>
/// <param name="From">The least sureness.</param>
/// <param name="To">The most.</param>
/// <param name="Mean">Their mean sureness.</param>
/// <param name="Right">How many are right.</param>
/// <param name="Images">How many there are.</param>
internal sealed record SurenessBin(double From, double To, double Mean, int Right, int Images);
