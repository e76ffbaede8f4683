using Refilled.Evaluation;
using Refilled.Tests.Support;
using TorchSharp;
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
}
