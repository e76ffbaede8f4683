using Refilled.Evaluation;
using Refilled.FewShot.Adaptation;
using Refilled.Networks;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>A learner that sees nothing of a task but its images' embeddings under a network that doesn't change.</summary>
/// <param name="network">The network.</param>
public abstract class EmbeddingLearner(EmbeddingNetwork network) : IFewShotLearner
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>Has the network embed all images of the source.</summary>
    public void Prepare(FewShotSource source, CancellationToken cancel = default) => source.Embeddings(network, cancel);

    /// <inheritdoc/>
    public int[] Solve(FewShotTask task)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        task.Cancel.ThrowIfCancellationRequested();
        return Classify(task.Support.Embeddings(network), task.Support.LabelTensor(), task.Query.Embeddings(network), task.Way).Integers();
    }

    /// <summary>A copy of the network whose classifier is equal to the nearest of the support's class means.</summary>
    /// <remarks>Or the nearest of what is made of them.</remarks>
    /// <param name="task">The task.</param>
    /// <param name="adapt">What is made of the means, <c>[N, d]</c>.</param>
    private protected EmbeddingNetwork MeanStudent(FewShotTask task, Func<Tensor, Tensor> adapt)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var means = NearestClassMean.Fit(task.Support.Embeddings(network), task.Support.LabelTensor(), unit: false);
        // Never given back: the copy is the caller's.
        var student = new NetworkCopies(network).Lend(task.Way);
        MeanClassifier.Give(student, adapt(means.Centres));
        return student;
    }

    /// <summary>The classes of queries; called without gradients and within a dispose scope.</summary>
    /// <param name="support">Embeddings of the labelled images, fp32 <c>[n, d]</c>, on the CPU.</param>
    /// <param name="labels">Their classes, int64 <c>[n]</c>; each of 0 … N-1 occurs.</param>
    /// <param name="queries">Embeddings of the others, fp32 <c>[m, d]</c>.</param>
    /// <param name="way">Number of classes, N.</param>
    /// <returns>int64 <c>[m]</c>, on the CPU.</returns>
    protected internal abstract Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way);
}
