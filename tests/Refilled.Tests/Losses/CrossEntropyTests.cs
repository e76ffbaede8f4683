using Refilled.Data;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

/// <summary>Images of two classes, and classes that are weighed.</summary>
public class CrossEntropyTests
{
    private static readonly long[] Labels = [0, 0, 2, 1, 2, 2, 0];
    private static readonly long[] Partners = [1, 0, 0, 2, 1, 2, 2];
    private static readonly float[] Shares = [1, 0.25f, 0.5f, 0, 0.9f, 0.75f, 1 / 3f];
    private static readonly int[] Images = [10, 1, 5];

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void It_agrees_with_a_loop_in_value_and_gradient(bool mixed, bool balanced)
    {
        using var scope = NewDisposeScope();
        var logits = Rows.Random(Labels.Length, 3, 1, 2).requires_grad_();
        var loss = new CrossEntropy { ClassWeights = balanced ? "balanced" : null };
        using var objective = loss.Bind(new SignalShapes(3, 1, 0) { ClassImages = Images });
        using var batch = Batch(mixed);
        var term = objective.Compute(new Signals(logits: logits), Signals.None, batch, default);
        Assert.Equal(Labels.Length, term.Count.Number());
        var mean = term.Mean();
        Assert.Equal(Naive(logits, mixed, balanced), mean.Number(), 1e-5);
        mean.backward();
        Rows.GradientAgrees(logits, logits.grad!, rows => Naive(rows, mixed, balanced));
    }

    [Fact]
    public void A_balanced_batch_of_a_few_images_of_a_frequent_class_has_their_mean()
    {
        // The weights' sum is below 1 here: 2 · 7 / (2 · 13) of the images of class 0.
        using var scope = NewDisposeScope();
        var logits = Rows.Random(1, 2, 1);
        using var objective = new CrossEntropy { ClassWeights = "balanced" }.Bind(new SignalShapes(2, 1, 0) { ClassImages = [13, 1] });
        using var batch = Rows.Batch(0);
        var balanced = objective.Compute(new Signals(logits: logits), Signals.None, batch, default).Mean();
        Assert.Equal(new CrossEntropy().Of(logits, batch.Labels).Number(), balanced.Number(), 1e-6);
    }

    [Fact]
    public void Equally_many_images_weigh_alike_and_whole_shares_are_plain_labels()
    {
        using var scope = NewDisposeScope();
        var logits = Rows.Random(Labels.Length, 3, 1);
        var expected = new CrossEntropy().Of(logits, tensor(Labels)).Number();
        using var objective = new CrossEntropy { ClassWeights = "balanced" }.Bind(new SignalShapes(3, 1, 0) { ClassImages = [4, 4, 4] });
        using var plain = Rows.Batch(Labels);
        Assert.Equal(expected, objective.Compute(new Signals(logits: logits), Signals.None, plain, default).Mean().Number(), 1e-6);
        using var images = zeros([Labels.Length, 1, 1, 1], ScalarType.Byte);
        var whole = new Batch(images, plain.Labels, null, null, tensor(Partners), ones(Labels.Length));
        Assert.Equal(expected, new CrossEntropy().Compute(new Signals(logits: logits), Signals.None, whole, default).Mean().Number(), 1e-6);
    }

    [Fact]
    public void Weights_need_the_images_of_each_class()
    {
        var loss = new CrossEntropy { ClassWeights = "balanced" };
        Assert.Contains("ClassImages", Assert.Throws<ArgumentException>(() => loss.Bind(new SignalShapes(3, 1, 0))).Message,
            StringComparison.Ordinal);
        using var scope = NewDisposeScope();
        Assert.Contains("use Bind", Assert.Throws<InvalidOperationException>(() => loss.Of(zeros(2, 3), zeros([2], ScalarType.Int64)))
            .Message, StringComparison.Ordinal);
        Assert.Equal(["class-weights"], new CrossEntropy { ClassWeights = "inverse" }.Validate().Select(problem => problem.Option));
    }

    private static Batch Batch(bool mixed) => Refilled.Data.Batch.Owning(zeros([Labels.Length, 1, 1, 1], ScalarType.Byte), tensor(Labels),
        new long[Labels.Length], new int[Labels.Length], mixed ? tensor(Partners) : null, mixed ? tensor(Shares) : null);

    /// <summary>Σ w·share·(-ln softmax) over both labels, over the sum of these weights.</summary>
    private static double Naive(Tensor logits, bool mixed, bool balanced)
    {
        var (sum, mass) = (0.0, 0.0);
        var rows = Rows.Doubles(logits);
        for (var i = 0; i < Labels.Length; i++)
            foreach (var (label, share) in mixed ? new[] { (Labels[i], Shares[i]), (Partners[i], 1 - Shares[i]) } : [(Labels[i], 1)])
            {
                var weight = share * (balanced ? Images.Sum() / (3.0 * Images[label]) : 1);
                sum -= weight * (rows[i][label] - Math.Log(rows[i].Sum(Math.Exp)));
                mass += weight;
            }
        return sum / mass;
    }
}
