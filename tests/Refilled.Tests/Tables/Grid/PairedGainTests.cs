using Refilled.Tables.Grid;
using Refilled.Tables;

namespace Refilled.Tests.Tables.Grid;

public class PairedGainTests
{
    [Theory] // Quantiles as tables print them.
    [InlineData(0.975, 1, 12.7062)]
    [InlineData(0.975, 2, 4.30265273)]
    [InlineData(0.975, 10, 2.22814)]
    [InlineData(0.95, 5, 2.01505)]
    [InlineData(0.995, 30, 2.74999)]
    [InlineData(0.975, 1e6, 1.95997)]
    public void Quantiles_of_t(double p, double freedom, double expected) => Assert.Equal(expected, StudentT.Quantile(p, freedom), 2e-5);

    [Theory]
    [InlineData(0.5)]
    [InlineData(3.7)]
    public void A_quantile_is_where_the_distribution_says(double freedom) =>
        Assert.Equal(0.975, StudentT.Cumulative(StudentT.Quantile(0.975, freedom), freedom), 1e-9);

    [Theory]
    [InlineData(3, 50)]
    [InlineData(2, 7)]
    [InlineData(5, 200)]
    public void It_is_the_analysis_of_variance_written_out(int seeds, int images)
    {
        var random = new SeededRandom(seeds, SeedStream.Order, images);
        var (method, baseline) = (Draw(ref random, seeds, images, 0.08, 0.7), Draw(ref random, seeds, images, 0.08, 0.6));
        var gain = PairedGain.Compute(method, baseline);

        // Every sum of squares from its definition over all (seed, image).
        var y = Enumerable.Range(0, seeds).Select(s => Enumerable.Range(0, images)
            .Select(i => Convert.ToDouble(method[s][i]) - Convert.ToDouble(baseline[s][i])).ToArray()).ToArray();
        var mean = y.SelectMany(row => row).Average();
        double SeedMean(int s) => y[s].Average();
        double ImageMean(int i) => y.Average(row => row[i]);
        double Sum(Func<int, int, double> of) =>
            Enumerable.Range(0, seeds).Sum(s => Enumerable.Range(0, images).Sum(i => Math.Pow(of(s, i), 2)));
        var (mS, mI) = (Sum((s, _) => SeedMean(s) - mean) / (seeds - 1), Sum((_, i) => ImageMean(i) - mean) / (images - 1));
        var freedom = Math.Pow(mS + mI, 2) / (mS * mS / (seeds - 1) + mI * mI / (images - 1));
        var half = StudentT.Quantile(0.975, freedom) * Math.Sqrt((mS + mI) / (seeds * images));

        Assert.Equal(100 * mean, gain.Points, 1e-9);
        Assert.Equal(100 * (mean - half), gain.Low, 1e-9);
        Assert.Equal(100 * (mean + half), gain.High, 1e-9);
    }

    [Fact]
    public void With_one_seed_it_is_the_paired_test_over_images()
    {
        bool[] method = [true, true, false, true, true, false, true, true], baseline = [true, false, false, true, false, true, false, true];
        var differences = method.Zip(baseline, (a, b) => Convert.ToDouble(a) - Convert.ToDouble(b)).ToList();
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 7 / 8);
        var gain = PairedGain.Compute([method], [baseline]);
        Assert.Equal(100 * (mean + 2.364624 * error), gain.High, 1e-3);
        Assert.False(gain.IsClear);
    }

    [Fact]
    public void Equal_methods_have_no_gain_and_no_claim()
    {
        bool[][] same = [[true, false, true], [false, false, true]];
        Assert.Equal(new PairedGain(0, 0, 0, 2, 3), PairedGain.Compute(same, same));
        Assert.False(PairedGain.Compute(same, same).IsClear);
    }

    [Fact]
    public void Other_seeds_or_images_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PairedGain.Compute([[true, false]], [[true, false], [true, false]]));
        Assert.Throws<ArgumentException>(() => PairedGain.Compute([[true, false]], [[true, false, true]]));
        Assert.Throws<ArgumentException>(() => PairedGain.Compute([], []));
        Assert.Throws<ArgumentException>(() => PairedGain.Compute([[true]], [[true]]));
    }

    /// <summary>What the interval promises, where the truth is known: images are hard or easy for both methods alike and for each by
    /// itself, runs are lucky or not, and the true gain is the gap of the two methods' base rates.</summary>
    [Theory]
    [InlineData(3, 400, 0.0)]
    [InlineData(3, 400, 0.02)]
    [InlineData(3, 400, 0.06)]
    [InlineData(5, 300, 0.02)]
    public void It_holds_the_true_gain_as_often_as_it_says(int seeds, int images, double luck)
    {
        const int Trials = 1000;
        var random = new SeededRandom(7, SeedStream.Order, seeds, images);
        var held = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var hardness = new double[images];
            for (var i = 0; i < images; i++) hardness[i] = random.Between(-0.25, 0.25);
            var (method, baseline) = (Draw(ref random, seeds, images, luck, 0.6, hardness),
                Draw(ref random, seeds, images, luck, 0.55, hardness));
            var gain = PairedGain.Compute(method, baseline);
            if (gain.Low <= 5 && gain.High >= 5) held++;
        }
        Assert.InRange(held / (double)Trials, 0.94, 0.999);
    }

    private static bool[][] Draw(ref SeededRandom random, int seeds, int images, double luck, double rate, double[]? hardness = null)
    {
        var own = new double[images];
        for (var i = 0; i < images; i++) own[i] = random.Between(-0.08, 0.08);
        var rows = new bool[seeds][];
        for (var s = 0; s < seeds; s++)
        {
            // Bounded and centred, so that the mean is the rate itself.
            var lucky = random.Between(-luck, luck);
            rows[s] = new bool[images];
            for (var i = 0; i < images; i++) rows[s][i] = random.Chance(rate + (hardness?[i] ?? 0) + own[i] + lucky);
        }
        return rows;
    }
}
