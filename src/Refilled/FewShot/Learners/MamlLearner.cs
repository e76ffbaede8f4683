using Refilled.Networks;
using Refilled.Recipes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Takes a few gradient steps on each task's support from trained parameters, then classifies the queries, all at
/// once.</summary>
/// <remarks>The parameters were trained to be such a start. Batch norms use the statistics of the queries themselves (the
/// transductive setting, as usual for MAML). MAML (Finn, Abbeel and Levine, ICML 2017).</remarks>
public sealed class MamlLearner : IAnytimeLearner, IStudentMaker
{
    private readonly MamlModel model;

    /// <inheritdoc cref="MamlLearner"/>
    /// <param name="network">The network; it is used as it is at each task, and stays the caller's.</param>
    /// <param name="head">What <see cref="Losses.MamlLoss"/> trained beside it: the classifier of tasks, W <c>[N, d]</c> and b <c>[N]</c>.
    /// It stays the caller's.</param>
    /// <exception cref="InputException">The network can't be given parameters, or computes in bf16.</exception>
    public MamlLearner(EmbeddingNetwork network, Linear head)
    {
        MamlModel.Check(network);
        model = new MamlModel(network, head);
    }

    private MamlLearner(MamlModel model) => this.model = model;

    /// <inheritdoc/>
    public string Name => "maml";

    /// <summary>Gradient steps on a task. Default 10 (MAML, mini-ImageNet: twice as many as in training).</summary>
    public int Steps { get; init; } = 10;

    /// <summary>Learning rate of the steps. Default 0.01 (MAML, mini-ImageNet).</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <inheritdoc/>
    public int[] Solve(FewShotTask task) => SolveAt(task, [Steps])[Steps];

    /// <inheritdoc/>
    /// <exception cref="InputException">The task has another number of classes than those that were trained on.</exception>
    public IReadOnlyDictionary<int, int[]> SolveAt(FewShotTask task, IReadOnlyList<int> steps)
    {
        using var scope = NewDisposeScope();
        using var queries = task.Query.Images();
        var answers = new Dictionary<int, int[]>();
        Adapt(task, steps, (count, parameters) => answers[count] = Answer(parameters, queries));
        return answers;
    }

    /// <summary>The network with the parameters that the steps lead to.</summary>
    /// <remarks>Its batch norms have the statistics of the support, so that its answer to one image doesn't depend on others, as
    /// those of <see cref="Solve"/> do.</remarks>
    /// <inheritdoc cref="SolveAt" path="/exception"/>
    public EmbeddingNetwork MakeStudent(FewShotTask task)
    {
        EmbeddingNetwork? student = null;
        Adapt(task, [Steps], (_, parameters) => student = model.Student(parameters, task.Support));
        return student!;
    }

    /// <summary>The same learner with other steps, where they are given.</summary>
    internal MamlLearner With(MamlOptions options) =>
        new(model) { Steps = options.Steps ?? Steps, LearningRate = options.LearningRate ?? LearningRate };

    /// <summary>Shows the parameters after several numbers of steps.</summary>
    private void Adapt(FewShotTask task, IReadOnlyList<int> steps, Action<int, Dictionary<string, Tensor>> show)
    {
        if (task.Way != model.Way)
            throw new InputException($"The learner 'maml' was trained on tasks of {model.Way} classes and can't solve one of {task.Way}; "
                + $"use --way {model.Way}.");
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var (support, labels) = (task.Support.Images(), task.Support.LabelTensor().to(model.Device));
        var parameters = model.Parameters().ToDictionary(pair => pair.Key, pair => pair.Value.detach());
        var done = 0;
        foreach (var count in steps.Order().Distinct())
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(steps));
            for (; done < count; done++)
            {
                task.Cancel.ThrowIfCancellationRequested();
                parameters = Step(parameters, support, labels);
            }
            show(count, parameters);
        }
    }

    /// <summary>The parameters after a step, without what they come from.</summary>
    private Dictionary<string, Tensor> Step(Dictionary<string, Tensor> parameters, Tensor support, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var start = parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().requires_grad_());
        return model.Adapt(start, support, labels, 1, LearningRate, firstOrder: true)
            .ToDictionary(pair => pair.Key, pair => pair.Value.detach().MoveToOuterDisposeScope());
    }

    private int[] Answer(Dictionary<string, Tensor> parameters, Tensor queries)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return model.Logits(queries, parameters).argmax(1).Integers();
    }
}

/// <summary>The options of <see cref="MamlLearner"/>, where they aren't those that its network was trained with.</summary>
public sealed record MamlOptions : IValidated
{
    /// <summary>Gradient steps on a task. Default: the loss's <see cref="Losses.MamlLoss.TestSteps"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>Learning rate of the steps. Default: the loss's <see cref="Losses.MamlLoss.InnerLearningRate"/>.</summary>
    public double? LearningRate { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
        [.. Check.Range("steps", Steps, 0, 1000), .. Check.Positive("learning-rate", LearningRate)];
}
