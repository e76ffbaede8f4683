using Refilled.FewShot.Adaptation;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Fine-tunes a copy of a network on each task's support, with a classifier of its own, by cross-entropy.</summary>
public sealed class FineTuneLearner : AdaptationLearner
{
    private readonly FineTuneOptions options;
    private readonly (NetworkTeacher Network, ViewEmbeddings Embeddings)? frozen;

    /// <inheritdoc cref="FineTuneLearner"/>
    /// <param name="network">The network that tasks start from, in its own precision and on its device. It stays the caller's, and must not
    /// change any more.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="InputException">An option is impossible.</exception>
    public FineTuneLearner(EmbeddingNetwork network, FineTuneOptions? options = null) : base(network, options ??= new FineTuneOptions())
    {
        this.options = options;
        if (this.options.Parts != TrainedParts.Classifier) return;
        var copy = new NetworkTeacher(Copies.Lend(network.Classes), []);
        frozen = (copy, new ViewEmbeddings(copy, this.options.Seed));
    }

    /// <inheritdoc/>
    public override string Name => "fine-tune";

    /// <inheritdoc/>
    public override int Steps => options.Training.Steps;

    private protected override T Train<T>(FewShotTask task, Func<SupportTraining, TaskModel, Tensor, T> then)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = frozen is { } known
            ? new ClassifierModel(Copies, known.Embeddings, task, options.Views)
            : new NetworkModel(Copies, task, options.BatchNorm);
        var seed = SeedMix.Mix(options.Seed, SeedStream.Episode, task.Number);
        using var support = new SupportBatches(task.Support, options.Views, options.Seed, seed, model.Device);
        model.StartClassifier(options, support.Labels, task.Way, SeedMix.Mix(seed, SeedStream.Classifier));
        using var training = new SupportTraining(model, support, [new CrossEntropy()],
            new SignalShapes(task.Way, model.EmbeddingSize, 0), options.Training, cancel: task.Cancel);
        return then(training, model, support.Labels);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        frozen?.Network.Dispose();
        base.Dispose();
    }
}

/// <summary>The options of <see cref="FineTuneLearner"/>.</summary>
public sealed record FineTuneOptions : AdaptationOptions
{
    /// <summary>How long and how fast. Default 100 steps of 0.01.</summary>
    public AdaptationStage Training { get; init; } = new();

    /// <summary>What trains. Default: the whole network.</summary>
    public TrainedParts Parts { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Part("training", Training.Validate()),
        .. CheckBatch("training", Training),
        .. Check.Problem(Parts != TrainedParts.Classifier || BatchNorm != BatchNormMode.Batch, "batch-norm",
            "must be kept where the classifier alone trains: the embedding is left as it is"),
    ];
}
