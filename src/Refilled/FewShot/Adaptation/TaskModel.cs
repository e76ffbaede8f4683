using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>What is trained on a task's support and then asked for the queries.</summary>
internal abstract class TaskModel : IDisposable
{
    /// <summary>Size of the embedding, d.</summary>
    public abstract int EmbeddingSize { get; }

    /// <summary>Where it computes.</summary>
    public abstract Device Device { get; }

    /// <summary>What trains, by name.</summary>
    public abstract IEnumerable<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>What it makes of a batch of the support, with a gradient.</summary>
    public abstract Signals Observe(Batch batch, Needs needs);

    /// <summary>The embeddings of the support in the evaluation view, as the model is now, <c>[n, d]</c>.</summary>
    protected abstract Tensor SupportEmbedding();

    /// <summary>What it makes of the queries, as it is now.</summary>
    protected abstract Signals ObserveQueries(Needs needs);

    /// <summary>Gives the classifier weights <c>[N, d]</c> and a bias <c>[N]</c>.</summary>
    protected abstract void SetClassifier(Tensor weight, Tensor bias);

    /// <summary>Starts the classifier.</summary>
    /// <param name="options">How.</param>
    /// <param name="labels">Classes of the support, int64 <c>[n]</c>.</param>
    /// <param name="way">Number of classes, N.</param>
    /// <param name="seed">Decides random weights.</param>
    public void StartClassifier(AdaptationOptions options, Tensor labels, int way, long seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (options.Classifier == ClassifierStart.Random)
        {
            using var generator = new Generator((ulong)seed);
            var weight = Initialisation.LinearDefault([way, EmbeddingSize], EmbeddingSize, generator);
            SetClassifier(weight.to(Device), Initialisation.LinearDefault([way], EmbeddingSize, generator).to(Device));
            return;
        }
        var embedding = SupportEmbedding();
        var length = embedding.norm(1, false, 2).mean().AtLeast(1e-12);
        SetClassifier(ClassMeans.UnitOf(Distances.Unit(embedding), labels, way).Times(options.ImprintScale) / length,
            zeros([way], device: Device));
    }

    /// <summary>The class of each query.</summary>
    /// <param name="prediction">How it is found.</param>
    /// <param name="labels">Classes of the support, int64 <c>[n]</c>.</param>
    public int[] Answer(AdaptedPrediction prediction, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor classes;
        if (prediction == AdaptedPrediction.Classifier) classes = ObserveQueries(Needs.Logits).Logits.argmax(1);
        else
        {
            using var means = NearestClassMean.Fit(SupportEmbedding(), labels);
            classes = means.Predict(ObserveQueries(Needs.Embedding).Embedding);
        }
        return classes.Integers();
    }

    /// <summary>The network as it is now, in evaluation mode; the caller's from then on.</summary>
    /// <remarks>Where queries are classified by the nearest class mean, its classifier has the means' directions: as near as a
    /// linear one comes, since rows of any length are told apart by their direction alone.</remarks>
    /// <param name="prediction">How queries are classified.</param>
    /// <param name="labels">Classes of the support, int64 <c>[n]</c>.</param>
    public EmbeddingNetwork Student(AdaptedPrediction prediction, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (prediction == AdaptedPrediction.NearestClassMean)
        {
            using var means = NearestClassMean.Fit(SupportEmbedding(), labels);
            SetClassifier(Distances.Unit(means.Centres), zeros([means.Centres.shape[0]], device: Device));
        }
        return TakeNetwork();
    }

    /// <summary>Gives the network away, with the classifier, in evaluation mode.</summary>
    protected abstract EmbeddingNetwork TakeNetwork();

    /// <inheritdoc/>
    public abstract void Dispose();
}
