using Refilled.Losses;
using Refilled.Teachers;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A model at training on a task's support, as far as it is told to.</summary>
internal sealed class SupportTraining : IDisposable
{
    private readonly TaskModel model;
    private readonly SupportBatches support;
    private readonly AdaptationStage settings;
    private readonly int perImage;
    private readonly ITeacher? teacher;
    private readonly CancellationToken cancel;
    private readonly Objectives objectives;
    private readonly Sgd optimizer;
    private int done;

    /// <param name="model">What trains.</param>
    /// <param name="support">What it trains on.</param>
    /// <param name="losses">What is minimised: the sum of their weighted means.</param>
    /// <param name="shapes">Sizes that the losses are bound to.</param>
    /// <param name="settings">How fast.</param>
    /// <param name="perImage">Views of an image in a step.</param>
    /// <param name="teacher">What the losses read beside the model; null where they read none.</param>
    /// <param name="cancel">Stops between two steps.</param>
    public SupportTraining(TaskModel model, SupportBatches support, IReadOnlyList<LossSpec> losses, SignalShapes shapes,
        AdaptationStage settings, int perImage = 1, ITeacher? teacher = null, CancellationToken cancel = default)
    {
        (this.model, this.support, this.settings, this.perImage, this.teacher) = (model, support, settings, perImage, teacher);
        this.cancel = cancel;
        objectives = new Objectives(losses, shapes, support.Labels.device);
        objectives.Prepare(teacher, support, cancel);
        optimizer = new Sgd(model.Parameters, settings.Momentum, settings.WeightDecay);
    }

    /// <summary>Trains until so many steps are done.</summary>
    public void RunTo(int steps)
    {
        using var _ = enable_grad();
        for (; done < steps; done++)
        {
            cancel.ThrowIfCancellationRequested();
            Step();
        }
    }

    /// <summary>Trains as far as the largest of some numbers of steps, and asks at each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public IReadOnlyDictionary<int, int[]> Answers(IReadOnlyList<int> steps, Func<int[]> ask)
    {
        var answers = new Dictionary<int, int[]>();
        foreach (var count in steps.Order().Distinct())
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(steps));
            RunTo(count);
            answers[count] = ask();
        }
        return answers;
    }

    public void Dispose()
    {
        optimizer.ZeroGrad();
        optimizer.Dispose();
        objectives.Dispose();
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        using var batch = support.At(done, settings.Batch, perImage);
        var stepsPerPass = support.StepsPerPass(settings.Batch, perImage);
        var clock = new TrainClock(done / stepsPerPass, done % stepsPerPass, stepsPerPass,
            Math.Max(1, (settings.Steps + stepsPerPass - 1) / stepsPerPass));
        var taught = objectives.Ask(teacher, batch);
        var (total, found) = objectives.Compute(model.Observe(batch, objectives.StudentNeeds), taught, batch, clock);
        optimizer.ZeroGrad();
        total.backward();
        optimizer.Step(settings.LearningRate, found.Above(0).to(ScalarType.Float32));
    }
}
