using CsCheck;
using Refilled.Evaluation.Clustering;

namespace Refilled.Tests.Evaluation.Clustering;

public class MutualInformationTests
{
    [Fact]
    public void The_same_groups_under_other_names_say_all()
    {
        Assert.Equal(1, MutualInformation.Normalised([0, 0, 1, 1, 2], [7, 7, -3, -3, 5]), 1e-12);
        Assert.Equal(1, MutualInformation.Normalised([0, 1, 2], [2, 0, 1]), 1e-12);
    }

    [Fact]
    public void Independent_groups_and_single_ones_say_nothing()
    {
        Assert.Equal(0, MutualInformation.Normalised([0, 0, 1, 1], [0, 1, 0, 1]), 1e-12);
        Assert.Equal(0, MutualInformation.Normalised([0, 1, 2, 3], [5, 5, 5, 5]), 1e-12);
        Assert.Equal(0, MutualInformation.Normalised([5, 5, 5], [0, 0, 0]), 1e-12);
    }

    [Fact]
    public void A_value_by_hand()
    {
        // Classes 0 0 0 1 1 1, groups 0 0 1 1 1 1. H(U) = ln 2, H(V) = ln 3 - (2/3) ln 2, H(V | U) = (ln 3 - (2/3) ln 2)/2:
        // of the first class's three two are in a group and one in the other, and the second class is in one group.
        var (first, second) = (Math.Log(2), Math.Log(3) - 2.0 / 3 * Math.Log(2));
        Assert.Equal((second - second / 2) / ((first + second) / 2),
            MutualInformation.Normalised([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]), 1e-12);
    }

    [Fact]
    public void It_agrees_with_loops_over_all_pairs_of_groups() =>
        Gen.Int[0, 4].Array[2, 40].Select(Gen.Int[0, 1000]).Sample((first, seed) =>
    {
        var random = new SeededRandom(seed, SeedStream.Weights);
        var second = first.Select(own => random.Chance(0.5) ? own : random.Below(6)).ToArray();
        Assert.Equal(Naive(first, second), MutualInformation.Normalised(first, second), 1e-10);
        Assert.Equal(MutualInformation.Normalised(first, second), MutualInformation.Normalised(second, first), 1e-12);
    }, iter: 200);

    [Fact]
    public void By_chance_many_small_groups_seem_to_say_much()
    {
        int[] classes = [.. Enumerable.Range(0, 60).Select(i => i / 3)], few = [.. Enumerable.Range(0, 60).Select(i => i / 30)];
        Assert.InRange(MutualInformation.ByChance(classes, classes, 20, 1), 0.5, 0.8);
        Assert.InRange(MutualInformation.ByChance(few, few, 20, 1), 0, 0.1);
        Assert.Equal(MutualInformation.ByChance(classes, few, 5, 9), MutualInformation.ByChance(classes, few, 5, 9));
    }

    [Fact]
    public void Divisions_of_other_numbers_of_rows_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MutualInformation.Normalised([0, 1], [0]));
        Assert.Throws<ArgumentException>(() => MutualInformation.Normalised([], []));
    }

    private static double Naive(int[] first, int[] second)
    {
        double n = first.Length, shared = 0, ofFirst = 0, ofSecond = 0;
        for (var u = 0; u < 6; u++)
        {
            var pu = first.Count(own => own == u) / n;
            if (pu > 0) ofFirst -= pu * Math.Log(pu);
            var pv = second.Count(own => own == u) / n;
            if (pv > 0) ofSecond -= pv * Math.Log(pv);
            for (var v = 0; v < 6; v++)
            {
                var both = first.Zip(second).Count(pair => pair == (u, v)) / n;
                if (both > 0) shared += both * Math.Log(both / (first.Count(own => own == u) / n) / (second.Count(own => own == v) / n));
            }
        }
        return ofFirst + ofSecond == 0 ? 0 : shared / ((ofFirst + ofSecond) / 2);
    }
}
