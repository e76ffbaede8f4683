using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A learner that trains a copy of a network on each task's support.</summary>
/// <remarks>It answers, or hands the copy over, after so many steps.</remarks>
public abstract class AdaptationLearner : IAnytimeLearner, IStudentMaker, IDisposable
{
    private readonly AdaptationOptions options;

    /// <param name="network">What each task starts from.</param>
    /// <param name="options">The learner's options.</param>
    private protected AdaptationLearner(EmbeddingNetwork network, AdaptationOptions options)
    {
        this.options = options;
        options.ThrowIfImpossible(Name);
        Copies = new NetworkCopies(network);
    }

    /// <summary>Copies of the network, to be trained.</summary>
    private protected NetworkCopies Copies { get; }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract int Steps { get; }

    /// <inheritdoc/>
    public int[] Solve(FewShotTask task) => SolveAt(task, [Steps])[Steps];

    /// <inheritdoc/>
    public IReadOnlyDictionary<int, int[]> SolveAt(FewShotTask task, IReadOnlyList<int> steps) =>
        Train(task, (training, model, labels) => training.Answers(steps, () => model.Answer(options.Prediction, labels)));

    /// <inheritdoc/>
    public EmbeddingNetwork MakeStudent(FewShotTask task) => Train(task, (training, model, labels) =>
    {
        training.RunTo(Steps);
        return model.Student(options.Prediction, labels);
    });

    /// <summary>Does all that comes before the last training, and hands it over.</summary>
    /// <param name="task">The task.</param>
    /// <param name="then">What is done with the last training, the model and the support's labels; they are freed afterwards.</param>
    private protected abstract T Train<T>(FewShotTask task, Func<SupportTraining, TaskModel, Tensor, T> then);

    /// <summary>Frees the copies of the network.</summary>
    public virtual void Dispose()
    {
        Copies.Dispose();
        GC.SuppressFinalize(this);
    }
}
