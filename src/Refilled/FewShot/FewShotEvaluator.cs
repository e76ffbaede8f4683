using System.Diagnostics;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>Runs a learner over many tasks, several at a time.</summary>
/// <remarks>Each task runs on one thread, so that the result doesn't depend on how many there are.</remarks>
public static class FewShotEvaluator
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(200);

    /// <summary>The learner's accuracies.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="threads">Tasks at a time. Default: as many as the engine has threads.</param>
    /// <param name="progress">Told, by the calling thread, a few times a second and at the end.</param>
    /// <param name="cancel">Ends the evaluation, tasks that are under way at their next step.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FewShotResult Evaluate(IFewShotLearner learner, FewShotTasks tasks, int? threads = null,
        IProgress<FewShotProgress>? progress = null, CancellationToken cancel = default)
    {
        var engine = get_num_threads();
        var workers = Math.Min(threads ?? engine, tasks.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1, nameof(threads));
        cancel.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        learner.Prepare(tasks.Source, cancel);
        var run = new Run(learner, tasks, cancel);
        // Threads of our own: the engine keeps its number of threads for each, and those of the pool belong to others.
        var started = Enumerable.Range(0, workers)
            .Select(_ => new Thread(run.Work) { IsBackground = true, Name = "few-shot tasks" }).ToList();
        var asked = Stopwatch.StartNew();
        TimeSpan Remaining(int done) => done == 0 ? TimeSpan.Zero : asked.Elapsed * ((double)(tasks.Count - done) / done);
        FewShotProgress Now() => new(learner.Name, run.Done, tasks.Count, run.Mean, Remaining(run.Done));
        try
        {
            foreach (var thread in started) thread.Start();
            foreach (var thread in started)
                while (!thread.Join(BetweenReports)) progress?.Report(Now());
        }
        finally
        {
            // Only an error, here or in a report, leaves tasks undone.
            run.Stop();
            foreach (var thread in started.Where(thread => thread.IsAlive)) thread.Join();
            set_num_threads(engine);
        }
        run.Failure?.Throw();
        if (run.Done < tasks.Count) cancel.ThrowIfCancellationRequested();
        progress?.Report(Now());
        return new FewShotResult(learner.Name, tasks.Fingerprint(), run.Accuracies, clock.Elapsed.TotalSeconds);
    }

    /// <summary>What the threads share.</summary>
    private sealed class Run(IFewShotLearner learner, FewShotTasks tasks, CancellationToken cancel)
    {
        private int next = -1, done;
        private long right;
        private volatile bool stopped;

        public double[] Accuracies { get; } = new double[tasks.Count];

        public int Done => Volatile.Read(ref done);

        public double Mean => Done == 0 ? 0 : (double)Interlocked.Read(ref right) / ((long)Done * tasks.Shape.Queries);

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Stop() => stopped = true;

        public void Work()
        {
            try
            {
                set_num_threads(1);
                while (!stopped && !cancel.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < tasks.Count)
                {
                    var task = tasks[i] with { Cancel = cancel };
                    var classes = learner.Solve(task);
                    if (classes.Length != task.Query.Count)
                        throw new InvalidOperationException(
                            $"The learner '{learner.Name}' classified {classes.Length} of {task.Query.Count} queries.");
                    var found = task.Query.Right(classes).Count(right => right);
                    Accuracies[i] = (double)found / classes.Length;
                    Interlocked.Add(ref right, found);
                    Interlocked.Increment(ref done);
                }
            }
            catch (Exception e) // handed to the calling thread: here it would end the process
            {
                Failure ??= ExceptionDispatchInfo.Capture(e);
                Stop();
            }
        }
    }
}

/// <summary>Where an evaluation over tasks stands.</summary>
/// <param name="Learner">The learner's name.</param>
/// <param name="Done">Tasks that are done.</param>
/// <param name="Tasks">All of them.</param>
/// <param name="Mean">Mean accuracy of those that are done, in [0, 1].</param>
/// <param name="Remaining">Time left, by the speed so far.</param>
public sealed record FewShotProgress(string Learner, int Done, int Tasks, double Mean, TimeSpan Remaining);
