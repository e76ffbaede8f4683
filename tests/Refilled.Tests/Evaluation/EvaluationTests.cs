using Refilled.Evaluation;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Evaluation;

public class EvaluationTests
{
    [Fact]
    public void Top_k_counts_and_breaks_ties_by_the_lower_class()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { 3, 2, 1 }, { 1, 1, 1 }, { 1, 1, 1 }, { 0, 5, 4 } });
        var labels = tensor(new long[] { 0, 0, 2, 2 });
        Assert.Equal(0.5, TopK.Accuracy(logits, labels, 1));
        Assert.Equal(0.75, TopK.Accuracy(logits, labels, 2));
        Assert.Equal(1, TopK.Accuracy(logits, labels, 5));
        Assert.Throws<ArgumentException>(() => TopK.Accuracy(logits.narrow(0, 0, 0), labels.narrow(0, 0, 0), 1));
    }

    [Fact]
    public void Centres_come_from_the_training_rows_alone()
    {
        // By its own centres the test set would be perfect; by the training set's it is all wrong.
        using var scope = NewDisposeScope();
        var train = tensor(new float[,] { { 1, 0 }, { 0, 1 } });
        var test = tensor(new float[,] { { 0.1f, 1 }, { 1, 0.1f } });
        var labels = tensor(new long[] { 4, 9 });
        using var means = NearestClassMean.Fit(train, labels);
        Assert.Equal(0, means.Accuracy(test, labels));
        Assert.Equal(0, NearestNeighbour.Accuracy(train, labels, test, labels));
    }

    [Fact]
    public void Nearest_neighbours_in_chunks_agree_with_loops()
    {
        using var scope = NewDisposeScope();
        // 9,000 training rows × 2,000 test rows need more than one chunk.
        var (train, test) = (Rows.Random(9000, 3, 1), Rows.Random(2000, 3, 2));
        var found = NearestNeighbour.Indices(train, test).data<long>().ToArray();
        var (t, q) = (Rows.Doubles(train), Rows.Doubles(test));
        for (var i = 0; i < q.Length; i += 131)
            Assert.Equal(Enumerable.Range(0, t.Length).MinBy(j => t[j].Zip(q[i], (a, b) => (a - b) * (a - b)).Sum()), found[i]);
    }

    [Fact]
    public void Logits_that_are_no_numbers_are_wrong()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { float.NaN, float.NaN }, { 1, float.NaN }, { float.NaN, 1 } });
        Assert.Equal(1.0 / 3, TopK.Accuracy(logits, tensor(new long[] { 0, 0, 0 }), 1), 1e-12);
        Assert.Equal(1.0 / 3, TopK.Accuracy(logits, tensor(new long[] { 0, 0, 0 }), 2), 1e-12);
    }

    [Fact]
    public void Top_k_agrees_with_sorting()
    {
        using var scope = NewDisposeScope();
        // Rounded, so that many logits tie.
        var logits = Rows.Random(60, 9, 3).round();
        var labels = Numbers.Range(0, 60).Modulo(9);
        var rows = Rows.Doubles(logits);
        for (var k = 1; k <= 10; k++)
            Assert.Equal(rows.Where((row, i) => Enumerable.Range(0, 9).OrderByDescending(c => row[c]).Take(k).Contains(i % 9))
                .Count() / 60.0, TopK.Accuracy(logits, labels, k), 1e-12);
    }

    [Fact]
    public void Nothing_to_measure_is_an_error_and_no_number()
    {
        using var scope = NewDisposeScope();
        var (rows, labels) = (ones(2, 3), tensor(new long[] { 0, 1 }));
        var (none, noLabels) = (zeros(0, 3), zeros([0], ScalarType.Int64));
        using var means = NearestClassMean.Fit(rows, labels);
        Assert.Throws<ArgumentException>(() => means.Accuracy(none, noLabels));
        Assert.Throws<ArgumentException>(() => NearestClassMean.Fit(none, noLabels));
        Assert.Throws<ArgumentException>(() => NearestNeighbour.Accuracy(rows, labels, none, noLabels));
        Assert.Throws<ArgumentException>(() => NearestNeighbour.Indices(none, rows));
        Assert.Equal(0, NearestNeighbour.Indices(rows, none).numel());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Class_means_agree_with_loops(bool unit)
    {
        using var scope = NewDisposeScope();
        var (train, test) = (Rows.Random(50, 5, 1), Rows.Random(40, 5, 2));
        var labels = Enumerable.Range(0, 50).Select(i => (long)(i * i % 11 * 100)).ToArray(); // sparse, unequal classes
        using var means = NearestClassMean.Fit(train, tensor(labels), unit);
        double[] Row(double[] row) => unit ? [.. row.Select(x => x / Math.Sqrt(row.Sum(y => y * y)))] : row;
        var seen = Rows.Doubles(train).Select(Row).ToArray();
        var ids = labels.Distinct().Order().ToArray();
        Assert.Equal(ids, means.ClassIds.data<long>().ToArray());
        var centres = ids.Select(id => Enumerable.Range(0, 5)
            .Select(k => seen.Where((_, j) => labels[j] == id).Average(row => row[k])).ToArray()).ToArray();
        var expected = Rows.Doubles(test).Select(Row)
            .Select(row => ids[Enumerable.Range(0, ids.Length).MinBy(c => centres[c].Zip(row, (a, b) => (a - b) * (a - b)).Sum())]);
        Assert.Equal(expected, means.Predict(test).data<long>().ToArray());
    }

    [Fact]
    public void Ties_go_to_the_lowest_class_and_a_class_without_a_row_never_wins()
    {
        using var scope = NewDisposeScope();
        // Classes 7 and 3 have the same centre; class 0 has no row, and the test row lies at the origin.
        using var means = NearestClassMean.Fit(tensor(new float[,] { { 1, 0 }, { 1, 0 } }), tensor(new long[] { 7, 3 }), unit: false);
        Assert.Equal([3], means.Predict(zeros(1, 2)).data<long>().ToArray());
        Assert.Equal(0, means.Accuracy(zeros(1, 2), tensor(new long[] { 0 })));
    }

    [Fact]
    public void The_nearest_of_many_equal_rows_is_the_first()
    {
        using var scope = NewDisposeScope();
        var train = cat([Numbers.Full([3, 70], 5, ScalarType.Float32, CPU), ones(97, 70)], 0);
        Assert.Equal([3], NearestNeighbour.Indices(train, ones(1, 70)).data<long>().ToArray());
    }
}
