using Refilled.Evaluation;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Evaluation;

public class EmbeddingClassifierTests
{
    [Fact]
    public void Class_means_answer_by_the_angle_to_each_mean()
    {
        using var scope = NewDisposeScope();
        const int n = 40, d = 6, classes = 3;
        var (rows, labels) = Clusters(n, d, classes, seed: 5);
        using var fitted = Fit(new ClassMeansClassifier(), rows, labels, classes);
        var unit = Rows.Doubles(rows).Select(row => row.Select(x => x / Math.Sqrt(row.Sum(y => y * y))).ToArray()).ToArray();
        var means = Enumerable.Range(0, classes).Select(c => Enumerable.Range(0, d)
            .Select(k => Enumerable.Range(0, n).Where(i => labels[i].WholeNumber() == c).Average(i => unit[i][k])).ToArray()).ToList();
        var scores = Rows.Doubles(fitted.Scores(rows));
        for (var i = 0; i < n; i++)
        {
            var length = Math.Sqrt(Rows.Doubles(rows)[i].Sum(x => x * x));
            for (var c = 0; c < classes; c++)
            {
                var cosine = means[c].Zip(unit[i], (x, y) => x * y).Sum() / Math.Sqrt(means[c].Sum(x => x * x));
                Assert.Equal(cosine, scores[i][c] / length, 5);
            }
        }
        // As a network holds it.
        var (weight, bias) = fitted.Linear!.Value;
        Assert.True(nn.functional.linear(rows, weight, bias).equal(fitted.Scores(rows)).all().item<bool>());
        Assert.Throws<ArgumentException>(() => Fit(new ClassMeansClassifier(), zeros(0, d), zeros(0, int64), classes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e-2)]
    [InlineData(1e-4)]
    public void Logistic_regression_is_at_the_minimum(double strength)
    {
        using var scope = NewDisposeScope();
        const int n = 60, d = 5, classes = 4;
        var (rows, labels) = Clusters(n, d, classes, seed: 1);
        using var fitted = Fit(new LogisticRegression { Strengths = [strength], Tolerance = 1e-9 }, rows, labels, classes);
        var (phi, w, b) = (Rows.Doubles(rows), Rows.Doubles(fitted.Linear!.Value.Weight),
            fitted.Linear!.Value.Bias.data<double>().ToArray());

        // The gradient by plain loops, in the space where the penalty is: centred rows in units of their root mean square.
        var mean = Enumerable.Range(0, d).Select(k => phi.Average(row => row[k])).ToArray();
        var scale = Math.Sqrt(phi.SelectMany(row => row.Select((x, k) => (x - mean[k]) * (x - mean[k]))).Average());
        double largest = 0;
        for (var c = 0; c < classes; c++)
        {
            var ofBias = 0.0;
            var ofWeight = w[c].Select(x => strength * x * scale).ToArray();
            for (var i = 0; i < n; i++)
            {
                var logits = Enumerable.Range(0, classes).Select(k => b[k] + w[k].Zip(phi[i], (x, y) => x * y).Sum()).ToArray();
                var error = Math.Exp(logits[c]) / logits.Sum(Math.Exp) - (labels[i].WholeNumber() == c ? 1 : 0);
                ofBias += error / n;
                for (var k = 0; k < d; k++) ofWeight[k] += error * (phi[i][k] - mean[k]) / scale / n;
            }
            largest = ofWeight.Append(ofBias).Append(largest).Max(Math.Abs);
        }
        Assert.InRange(largest, 0, 1e-8);
        Assert.Equal(strength, fitted.Chosen["l2"]);
    }

    [Fact]
    public void The_strength_is_the_best_on_held_out_rows()
    {
        using var scope = NewDisposeScope();
        // Few rows, many directions without meaning: the weakest penalty learns the noise.
        var (rows, labels) = Clusters(24, 40, 4, seed: 2);
        var (seen, seenLabels) = Clusters(400, 40, 4, seed: 3);
        var classifier = new LogisticRegression();
        using var train = new Readings(rows, rows, labels);
        using var heldOut = new Readings(seen, seen, seenLabels);
        using var fitted = classifier.Fit(train, heldOut, 4);
        var accuracies = classifier.Strengths.ToDictionary(strength => strength, strength =>
        {
            using var one = (classifier with { Strengths = [strength] }).Fit(train, heldOut, 4);
            return TopK.Accuracy(one.Scores(seen), seenLabels, 1);
        });
        Assert.Equal(accuracies.Values.Max(), TopK.Accuracy(fitted.Scores(seen), seenLabels, 1));
        Assert.Equal(accuracies.Values.Max(), accuracies[fitted.Chosen["l2"]]);
        Assert.True(accuracies.Values.Max() > accuracies.Values.Min());
        Assert.True(classifier.ChoosesOnHeldOut);
        Assert.Throws<ArgumentException>(() => Fit(classifier, rows, labels, 4));
    }

    [Fact]
    public void Logistic_regression_is_blind_to_scale_and_place_and_always_the_same()
    {
        using var scope = NewDisposeScope();
        var (rows, labels) = Clusters(80, 6, 3, seed: 4);
        var classifier = new LogisticRegression { Strengths = [1e-3] };
        using var fitted = Fit(classifier, rows, labels, 3);
        using var again = Fit(classifier, rows, labels, 3);
        using var moved = Fit(classifier, rows.Times(1024).Plus(64), labels, 3);
        Assert.True(fitted.Scores(rows).equal(again.Scores(rows)).all().item<bool>());
        Assert.InRange((fitted.Scores(rows) - moved.Scores(rows.Times(1024).Plus(64))).abs().max().Number(), 0, 1e-3);
        var (weight, bias) = fitted.Linear!.Value;
        Assert.InRange((rows.to(ScalarType.Float64).matmul(weight.transpose(0, 1)).Plus(bias) - fitted.Scores(rows)).abs().max()
            .Number(), 0, 1e-12);
    }

    [Fact]
    public void Rows_without_a_difference_and_classes_without_a_row_are_borne()
    {
        using var scope = NewDisposeScope();
        foreach (EmbeddingClassifier classifier in new EmbeddingClassifier[] { new LogisticRegression { Strengths = [1e-6] },
            new NearestNeighbourClassifier() })
        {
            // Class 1 has no row; half of class 0's rows are class 2's as well.
            var rows = tensor(new float[,] { { 1, 1 }, { 1, 1 }, { 1, 1 }, { 5, 1 } });
            using var fitted = Fit(classifier, rows, tensor(new long[] { 0, 2, 0, 0 }), 3);
            var scores = fitted.Scores(rows);
            Assert.Equal([4, 3], scores.shape);
            Assert.True((scores.select(1, 1) < scores.select(1, 0)).all().item<bool>());
            using var same = Fit(classifier, zeros(3, 2), tensor(new long[] { 0, 1, 2 }), 3);
            Assert.True(same.Scores(zeros(1, 2)).isfinite().all().item<bool>());
            Assert.Throws<ArgumentException>(() => Fit(classifier, zeros(0, 2), zeros([0], ScalarType.Int64), 3));
            Assert.Equal(0, fitted.Scores(zeros(0, 2)).shape[0]);
        }
        Assert.Throws<ArgumentException>(() => Fit(new LogisticRegression { Strengths = [0] }, ones(1, 1), tensor(new long[] { 0 }), 2));
    }

    [Fact]
    public void The_nearest_neighbours_class_has_the_best_score()
    {
        using var scope = NewDisposeScope();
        // 9,000 training rows × 2,000 test rows need more than one chunk.
        var (train, test) = (Rows.Random(9000, 3, 1), Rows.Random(2000, 3, 2));
        var labels = Numbers.Range(0, 9000).Modulo(7);
        using var fitted = Fit(new NearestNeighbourClassifier(), train, labels, 8);
        Assert.True((labels.index_select(0, NearestNeighbour.Indices(train, test)) == fitted.Scores(test).argmax(1)).all().item<bool>());
        Assert.True(fitted.Scores(test).select(1, 7).isinf().all().item<bool>());
        Assert.Null(fitted.Linear);
    }

    private static FittedClassifier Fit(EmbeddingClassifier classifier, Tensor rows, Tensor labels, int classes)
    {
        using var nothing = new Readings(zeros(0, rows.shape[1]), zeros(0, classes), zeros([0], ScalarType.Int64));
        return classifier.Fit(new Readings(rows, rows, labels), nothing, classes);
    }

    /// <summary>Rows around the corners of a simplex, with as much noise as that some are nearer to another.</summary>
    private static (Tensor Rows, Tensor Labels) Clusters(int count, int size, int classes, int seed)
    {
        var labels = Numbers.Range(0, count).Modulo(classes);
        return (Rows.Random(count, size, seed)
            .Plus(nn.functional.pad(nn.functional.one_hot(labels, classes).to(ScalarType.Float32).Times(2), [0, size - classes])), labels);
    }
}
