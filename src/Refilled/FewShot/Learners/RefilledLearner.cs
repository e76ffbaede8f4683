using Refilled.FewShot.Adaptation;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>REFILLED on each task: the support is the training set of a student that starts as the network.</summary>
/// <remarks>First the student learns to compare the support's images as a teacher does (<see cref="TripletAlignment"/>), then, with
/// a classifier of its own, from the labels and from the teacher's class means (<see cref="LocalClassifier"/>). REFILLED (Ye, Lu
/// and Zhan, CVPR 2020), middle-shot. What isn't in the poster is ours: with few images, several views of each are in a step, so
/// that there are triplets even at one shot.</remarks>
public sealed class RefilledLearner : AdaptationLearner
{
    private readonly RefilledOptions options;
    private readonly ViewEmbeddings teacher;

    /// <inheritdoc cref="RefilledLearner"/>
    /// <param name="network">The network that the student starts from on each task, in its own precision and on its device. It stays the
    /// caller's, and must not change any more.</param>
    /// <param name="teacher">The teacher, of which the embedding is read; asked once for each view of an image, by several threads. It
    /// stays the caller's.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="InputException">An option is impossible, or the teacher doesn't embed.</exception>
    public RefilledLearner(EmbeddingNetwork network, ITeacher teacher, RefilledOptions? options = null)
        : base(network, options ??= new RefilledOptions())
    {
        this.options = options;
        if (!teacher.Provides.HasFlag(Needs.Embedding))
            throw new InputException($"The learner '{Name}' reads the teacher's embedding, but this teacher gives only "
                + $"its {teacher.Provides}.");
        this.teacher = new ViewEmbeddings(teacher, this.options.Seed);
    }

    /// <inheritdoc/>
    public override string Name => "refilled";

    /// <inheritdoc/>
    public override int Steps => options.Stage2.Steps;

    private protected override T Train<T>(FewShotTask task, Func<SupportTraining, TaskModel, Tensor, T> then)
    {
        using var scope = NewDisposeScope();
        using var student = new NetworkModel(Copies, task, options.BatchNorm);
        var seed = SeedMix.Mix(options.Seed, SeedStream.Episode, task.Number);
        using var support = new SupportBatches(task.Support, options.Views, options.Seed, seed, student.Device);
        using var taught = new TaskTeacher(teacher.Of(task.Support, options.Views, task.Cancel), task.Support, student.Device);
        var shapes = new SignalShapes(task.Way, student.EmbeddingSize, teacher.Size);
        using (var first = new SupportTraining(student, support, [options.TripletAlignment], shapes, options.Stage1,
            options.ViewsPerImage, taught, task.Cancel))
            first.RunTo(options.Stage1.Steps);
        student.StartClassifier(options, support.Labels, task.Way, SeedMix.Mix(seed, SeedStream.Classifier));
        using var second = new SupportTraining(student, support, [new CrossEntropy(), options.LocalClassifier], shapes,
            options.Stage2, teacher: taught, cancel: task.Cancel);
        return then(second, student, support.Labels);
    }
}

/// <summary>The options of <see cref="RefilledLearner"/>.</summary>
public sealed record RefilledOptions : AdaptationOptions
{
    /// <summary>The first stage: the embedding is aligned with the teacher's. Default 50 steps of 0.01 (ours).</summary>
    public AdaptationStage Stage1 { get; init; } = new() { Steps = 50 };

    /// <summary>The second stage: the classifier, and the embedding with it. Default 50 steps of 0.01 (ours).</summary>
    public AdaptationStage Stage2 { get; init; } = new() { Steps = 50 };

    /// <summary>Views of each image in a step of the first stage. Default 2 (ours).</summary>
    /// <remarks>Two and more are a class's positive pairs where there is one shot.</remarks>
    public int ViewsPerImage { get; init; } = 2;

    /// <summary>The loss of the first stage. Default weight 500: the effective weight of REFILLED's authors.</summary>
    public TripletAlignment TripletAlignment { get; init; } = new() { Weight = 500 };

    /// <summary>What stands beside cross-entropy in the second stage.</summary>
    /// <remarks>Default: centres from the whole support in the evaluation view, as there is no reason to see but a part of it, and
    /// unit embeddings; the temperature of 0.3 makes of these what 2 makes of squared distances with mean 8 (ours).</remarks>
    public LocalClassifier LocalClassifier { get; init; } =
        new() { Centres = Centres.Global, Normalise = Normalisation.Unit, TeacherTemperature = 0.3 };

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Part("stage1", Stage1.Validate()),
        .. Check.Part("stage2", Stage2.Validate()),
        .. CheckBatch("stage1", Stage1, ViewsPerImage),
        .. CheckBatch("stage2", Stage2),
        .. Check.Range("views-per-image", ViewsPerImage, 1, 1000),
        .. Check.Problem(ViewsPerImage > 1000 || ViewsPerImage <= Math.Max(1, Views), "views-per-image",
            $"must be at most the number of views ({Views}), not {ViewsPerImage}: the same view twice is no pair"),
        .. Check.Part("triplet-alignment", TripletAlignment.Validate()),
        .. Check.Part("local-classifier", LocalClassifier.Validate()),
    ];
}
