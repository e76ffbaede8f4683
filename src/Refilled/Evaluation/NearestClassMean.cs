using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Classifies by the nearest of the class centres, by Euclidean distance; centres are means of training rows.</summary>
public sealed class NearestClassMean : IDisposable
{
    private readonly bool unit;

    private NearestClassMean(Tensor classIds, Tensor centres, bool unit) => (ClassIds, Centres, this.unit) = (classIds, centres, unit);

    /// <summary>The labels that occurred, ascending, int64 <c>[C]</c>.</summary>
    public Tensor ClassIds { get; }

    /// <summary>Their centres, <c>[C, d]</c>.</summary>
    public Tensor Centres { get; }

    /// <summary>Takes the centres from training rows.</summary>
    /// <param name="embeddings"><c>[N, d]</c>.</param>
    /// <param name="labels">int64 <c>[N]</c>; they need not be contiguous.</param>
    /// <param name="unit">Whether rows are divided by their norm first, here and at the test. Centres aren't. Default true.</param>
    /// <exception cref="ArgumentException">There is no row.</exception>
    public static NearestClassMean Fit(Tensor embeddings, Tensor labels, bool unit = true)
    {
        if (labels.shape[0] == 0) throw new ArgumentException("There are no rows to take centres from.", nameof(labels));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = unit ? Distances.Unit(embeddings) : embeddings;
        var (ids, places, _) = labels.unique(sorted: true, return_inverse: true);
        var centres = ClassMeans.Of(rows, places!, (int)ids.shape[0]);
        return new NearestClassMean(ids.DetachFromDisposeScope(), centres.DetachFromDisposeScope(), unit);
    }

    /// <summary>The class of the nearest centre of each row <c>[N, d]</c>: int64 <c>[N]</c>; the lowest class on ties.</summary>
    public Tensor Predict(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = unit ? Distances.Unit(embeddings) : embeddings;
        return ClassIds.index_select(0, Distances.Between(rows, Centres).argmin(1)).MoveToOuterDisposeScope();
    }

    /// <summary>The part of rows whose nearest centre is their class's, in [0, 1].</summary>
    /// <remarks>A class without a centre is never right.</remarks>
    /// <exception cref="ArgumentException">There is no row.</exception>
    public double Accuracy(Tensor embeddings, Tensor labels)
    {
        if (labels.shape[0] == 0) throw new ArgumentException("There are no rows to measure.", nameof(labels));
        using var scope = NewDisposeScope();
        return (Predict(embeddings) == labels).to(ScalarType.Float64).mean().Number();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ClassIds.Dispose();
        Centres.Dispose();
    }
}

/// <summary>Classifies by the angle between an embedding and each class's mean.</summary>
/// <remarks>The means are those of unit rows, and of length 1 themselves: W of a linear classifier without a bias, so that a network
/// can hold it. Imprinted weights: Qi, Brown and Lowe, CVPR 2018.</remarks>
internal sealed record ClassMeansClassifier : EmbeddingClassifier
{
    /// <inheritdoc/>
    public override string Name => "class-means";

    /// <inheritdoc/>
    public override bool ChoosesOnHeldOut => false;

    /// <inheritdoc/>
    public override FittedClassifier Fit(Readings train, Readings heldOut, int classes, CancellationToken cancel = default)
    {
        if (train.Labels.shape[0] == 0) throw new ArgumentException("There are no rows to take means from.", nameof(train));
        using var rows = Distances.Unit(train.Embeddings);
        return new Means(ClassMeans.UnitOf(rows, train.Labels, classes).DetachFromDisposeScope(),
            zeros([classes], train.Embeddings.dtype, train.Embeddings.device).DetachFromDisposeScope());
    }

    private sealed class Means(Tensor weight, Tensor bias) : FittedClassifier
    {
        public override (Tensor Weight, Tensor Bias)? Linear => (weight, bias);

        public override Tensor Scores(Tensor embeddings, CancellationToken cancel = default)
        {
            using var _ = no_grad();
            return nn.functional.linear(embeddings, weight);
        }

        public override void Dispose()
        {
            weight.Dispose();
            bias.Dispose();
        }
    }
}
