using System.Diagnostics;
using Refilled.Data;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Runs the stages of a method, in a run folder or in memory alone.</summary>
/// <remarks>A run in a folder that was cut goes on from its last checkpoint and ends with the same weights, bit for bit, on the same
/// machine with the same number of threads. One without a folder ends with these weights, too; it writes nothing and can't go on.
/// </remarks>
/// <param name="task">Who learns what from whom.</param>
/// <param name="folder">Where checkpoints and metrics go, and where a checkpoint is looked for; null trains in memory.</param>
/// <param name="progress">Told at log points and ends of epochs; may be null.</param>
public sealed class Trainer(TrainingTask task, RunFolder? folder = null, IProgress<TrainProgress>? progress = null)
{
    /// <summary>Steps between two log points, where the device is waited for.</summary>
    private const int LogEvery = 10;

    private readonly Stopwatch watch = new();
    private double secondsBefore;
    private long trainedSteps;
    private int savedStep;

    /// <summary>Trains to the end. On cancellation the step is finished and a checkpoint written first.</summary>
    /// <exception cref="TrainingException">The loss or a weight became NaN or infinite; the last checkpoint is good.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a run in a folder can be resumed.</exception>
    public TrainingOutcome Run(CancellationToken cancel = default)
    {
        watch.Start();
        var (epoch, step) = (0, 0);
        StageRun? run = null;
        try
        {
            if (folder is not null && Checkpoint.Last(folder) is { } last)
            {
                using var checkpoint = last; // Its tensors are copied, and go before the first step.
                Check(checkpoint.State, folder);
                (epoch, step) = (checkpoint.State.Epoch, checkpoint.State.Step);
                (secondsBefore, savedStep) = (checkpoint.State.Seconds, step);
                folder.TruncateMetrics(checkpoint.State.MetricsLength);
                run = new StageRun(task, checkpoint.State.Stage);
                run.Restore(checkpoint, $"The checkpoint of '{folder.Path}'");
            }
            else
            {
                folder?.TruncateMetrics(0);
                run = new StageRun(task, 0);
                run.Start(cancel);
            }

            for (; ; epoch = 0)
            {
                for (; epoch < run.Settings.Epochs; epoch++, step = 0)
                {
                    run.Prepare(epoch, ReportTeacher, cancel);
                    task.Student.train();
                    foreach (var batch in run.Stream.Epoch(epoch, step))
                    {
                        using (batch) run.Step(batch, Clock(run, epoch, step));
                        step++;
                        trainedSteps++;
                        if (step % LogEvery == 0) Report(run, epoch, step);
                        if (!run.IsWhole(step)) continue;
                        if (cancel.IsCancellationRequested)
                        {
                            Save(run, epoch, step);
                            cancel.ThrowIfCancellationRequested();
                        }
                        if (step - savedStep >= task.CheckpointSteps) Save(run, epoch, step);
                    }
                    CheckFinite(run, epoch, step);
                    EndEpoch(run, epoch, Select(run, epoch, step, cancel));
                    run.Meter.Clear();
                    Save(run, epoch + 1, 0);
                }
                if (run.Index == task.Method.Stages.Count - 1)
                {
                    folder?.DropEarlierCheckpoint();
                    return new TrainingOutcome(run.TakeBest(), run.BestEpoch, run.BestScore, Seconds) { Adapter = run.BestKept() };
                }
                ModuleState.Restore(ModuleState.Of(task.Student), run.Best, "The selected epoch");
                run.Dispose();
                run = new StageRun(task, run.Index + 1);
                run.Start(cancel);
            }
        }
        finally
        {
            run?.Dispose();
        }
    }

    /// <summary>Checks that a checkpoint's position is one of this training's.</summary>
    private void Check(CheckpointState state, RunFolder from)
    {
        var stages = task.Method.Stages;
        var fits = state.Stage >= 0 && state.Stage < stages.Count && state.Epoch >= 0 && state.Step >= 0
            && state.Epoch <= stages[state.Stage].Settings(task.Stage1, task.Stage2).Epochs;
        if (!fits)
            throw new InputException($"The checkpoint in '{from.Path}' is of stage {state.Stage + 1}, epoch {state.Epoch + 1}, which "
                + $"'{task.Method.Name}' hasn't by this recipe: its files are of two runs. Begin anew with another --out.");
    }

    private double Seconds => secondsBefore + watch.Elapsed.TotalSeconds;

    private static TrainClock Clock(StageRun run, int epoch, int step) => new(epoch, step, run.Stream.StepsPerEpoch, run.Settings.Epochs);

    /// <summary>Scores an epoch. Stopped meanwhile, the checkpoint is of its last step, and the scoring is made up for.</summary>
    private double? Select(StageRun run, int epoch, int step, CancellationToken cancel)
    {
        try
        {
            return run.Select(epoch, cancel);
        }
        catch (OperationCanceledException)
        {
            Save(run, epoch, step);
            throw;
        }
    }

    private void Save(StageRun run, int epoch, int step)
    {
        CheckLoss(run, epoch);
        savedStep = step;
        if (folder is null) return;
        try
        {
            Checkpoint.Write(folder.CheckpointFile,
                new CheckpointState(run.Index, epoch, step, run.BestScore, run.BestEpoch, Seconds, folder.MetricsLength), run.State(),
                folder.EarlierCheckpointFile);
        }
        catch (NotFiniteNumberException)
        {
            CheckFinite(run, epoch, step); // says it better
            throw;
        }
    }

    /// <summary>Checks all that the steps have left: no loss follows the last update that would tell.</summary>
    private void CheckFinite(StageRun run, int epoch, int step)
    {
        CheckLoss(run, epoch);
        var tensors = from part in run.State() from pair in part.Tensors select KeyValuePair.Create($"{part.Group}/{pair.Key}", pair.Value);
        if (Finite.FirstBad(tensors) is { } bad)
            throw Diverged($"'{bad}' became NaN or infinite in stage '{run.Stage.Name}', epoch {epoch + 1}, by step {step}");
    }

    private void CheckLoss(StageRun run, int epoch)
    {
        if (run.Meter.BadStep() is { } bad)
            throw Diverged($"The loss became NaN or infinite in stage '{run.Stage.Name}', epoch {epoch + 1}, step {bad + 1}");
    }

    private TrainingException Diverged(string what) =>
        new($"{what}; {folder?.LastGood ?? "the run has no folder, so that nothing of it is kept"}. "
            + "A lower learning rate or loss weight usually cures this.");

    private void ReportTeacher(int view, int done, int all) =>
        progress?.Report(new TrainProgress("teacher", view, Math.Max(1, task.Views), done, all, new Dictionary<string, double>(),
            0, TimeSpan.Zero, null, done == all));

    private void Report(StageRun run, int epoch, int step)
    {
        CheckLoss(run, epoch);
        progress?.Report(Progress(run, epoch, step, null, false));
    }

    private void EndEpoch(StageRun run, int epoch, double? score)
    {
        var now = Progress(run, epoch, run.Stream.StepsPerEpoch, score, true);
        folder?.AppendMetrics(new
        {
            stage = now.Stage,
            epoch,
            learningRate = run.Settings.LearningRateAt(Clock(run, epoch, 0)),
            train = now.Means,
            heldOut = score,
            best = run.BestEpoch,
            seconds = Math.Round(Seconds, 3),
        });
        progress?.Report(now);
    }

    private TrainProgress Progress(StageRun run, int epoch, int step, double? score, bool done)
    {
        var perStep = watch.Elapsed.TotalSeconds / Math.Max(1, trainedSteps);
        var stepsLeft = (run.Settings.Epochs - epoch) * (long)run.Stream.StepsPerEpoch - step
            + task.Method.Stages.Skip(run.Index + 1).Sum(StepsOf);
        return new TrainProgress(
            run.Stage.Name, epoch, run.Settings.Epochs, step, run.Stream.StepsPerEpoch, run.Meter.Means(),
            run.ImagesPerEpoch / (perStep * run.Stream.StepsPerEpoch), TimeSpan.FromSeconds(perStep * stepsLeft), score, done)
        {
            Selection = run.Stage.Selection,
        };
    }

    private long StepsOf(Stage stage)
    {
        var settings = stage.Settings(task.Stage1, task.Stage2);
        var ofEpoch = stage.Episode is not null ? settings.EpisodesPerEpoch : BatchStream.Steps(task.Train.Count, task.BatchSize)
            + (task.UnlabelledOf(stage) is { Images: var more } ? BatchStream.Steps(more.Count, task.BatchSize) : 0);
        return (long)settings.Epochs * ofEpoch;
    }
}

/// <summary>Where training stands, at a log point or the end of an epoch.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Epochs of the stage.</param>
/// <param name="Step">Steps done in the epoch.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="Means">Mean of each loss, "loss" (their weighted sum) and, where there are logits, "accuracy" (0–1) over the epoch so
/// far.</param>
/// <param name="ImagesPerSecond">Images trained per second since the stage began or was resumed.</param>
/// <param name="Remaining">Time left in all stages, by that speed.</param>
/// <param name="HeldOut">At the end of an epoch: the selection measure (0–1), on held-out images or by validation tasks, where there
/// are any.</param>
/// <param name="EpochDone">Whether the epoch ended.</param>
public sealed record TrainProgress(
    string Stage, int Epoch, int Epochs, int Step, int StepsPerEpoch, IReadOnlyDictionary<string, double> Means,
    double ImagesPerSecond, TimeSpan Remaining, double? HeldOut, bool EpochDone)
{
    /// <summary>Which measure <see cref="HeldOut"/> is.</summary>
    public SelectionMeasure Selection { get; init; }
}

/// <summary>How training ended. The student itself holds the weights of the last epoch.</summary>
/// <remarks>It owns its tensors: left to the collector, they could be freed while the engine still copies them.</remarks>
/// <param name="Selected">The weights of the selected epoch of the last stage, by name.</param>
/// <param name="SelectedEpoch">That epoch, from 0.</param>
/// <param name="Score">Its selection measure (0–1), or null where nothing was held out.</param>
/// <param name="Seconds">Training time, over all resumes.</param>
public sealed record TrainingOutcome(IReadOnlyDictionary<string, Tensor> Selected, int SelectedEpoch, double? Score, double Seconds)
    : IDisposable
{
    /// <summary>What the last stage trained beside the network and is kept, as it was at that epoch, or null.</summary>
    /// <remarks>FEAT's adapter is such. It is freed with the outcome.</remarks>
    public Objective? Adapter { get; init; }

    /// <summary>Gives the weights of the selected epoch to the student, or to another network of its architecture.</summary>
    public void GiveTo(EmbeddingNetwork network) => ModuleState.Restore(ModuleState.Of(network), Selected, "The selected epoch");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Selected.Values) tensor.Dispose();
        Adapter?.Dispose();
    }
}

/// <summary>Training failed after it had begun; the message says where, and which checkpoint is good.</summary>
public sealed class TrainingException : Exception
{
    /// <inheritdoc cref="TrainingException"/>
    public TrainingException(string message) : base(message) { }

    /// <inheritdoc cref="TrainingException"/>
    public TrainingException(string message, Exception inner) : base(message, inner) { }
}
