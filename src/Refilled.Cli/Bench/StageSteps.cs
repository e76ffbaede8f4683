using Refilled.Data;
using Refilled.Losses;
using Refilled.Training;

namespace Refilled.Cli.Bench;

/// <summary>A stage that trains step by step for as long as one likes: the trainer's own step, fed by its own stream.</summary>
internal sealed class StageSteps : IDisposable
{
    private readonly StageRun run;
    private IEnumerator<Batch>? batches;
    private int epoch = -1, step;

    /// <param name="task">Who learns what from whom.</param>
    /// <param name="stage">Index of the stage.</param>
    public StageSteps(TrainingTask task, int stage)
    {
        task.Student.train();
        run = new StageRun(task, stage);
        run.Start();
    }

    /// <summary>Steps in an epoch.</summary>
    public int PerEpoch => run.Stream.StepsPerEpoch;

    /// <summary>Waits for the next batch and trains on it.</summary>
    public void Step()
    {
        if (batches is null || !batches.MoveNext())
        {
            batches?.Dispose();
            epoch++;
            step = 0;
            run.Prepare(epoch, (_, _, _) => { }, CancellationToken.None);
            batches = run.Stream.Epoch(epoch).GetEnumerator();
            batches.MoveNext();
        }
        using (batches.Current) run.Step(batches.Current, new TrainClock(epoch, step++, run.Stream.StepsPerEpoch, int.MaxValue));
    }

    public void Dispose()
    {
        batches?.Dispose();
        run.Dispose();
    }
}
