using System.Threading.Channels;
using Refilled.Deploy;

namespace Refilled.Cli.Serving;

/// <summary>Views that wait for a pass through the network: those that have come meanwhile make one batch.</summary>
/// <remarks>A single one never waits for company; many at once cost little more than one.</remarks>
internal sealed class ClassifyQueue : IAsyncDisposable
{
    private const int Batch = 32;

    private readonly ImageClassifier classifier;
    private readonly Channel<Waiting> channel;
    private readonly Task work;

    /// <inheritdoc cref="ClassifyQueue"/>
    /// <param name="classifier">What answers.</param>
    /// <param name="most">Views that may wait.</param>
    public ClassifyQueue(ImageClassifier classifier, int most)
    {
        this.classifier = classifier;
        channel = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(most) { SingleReader = true });
        work = Task.Run(WorkAsync);
    }

    /// <summary>Passes made so far, and the images in them.</summary>
    public (int Passes, int Images) Done { get; private set; }

    /// <summary>Waits for the answer to a view.</summary>
    public async Task<Classification> ClassifyAsync(byte[] view, CancellationToken cancel)
    {
        var waiting = new Waiting(view, cancel);
        await channel.Writer.WriteAsync(waiting, cancel).ConfigureAwait(false);
        return await waiting.Answer.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Answers what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        channel.Writer.TryComplete();
        await work.ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        var batch = new List<Waiting>();
        while (await channel.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < Batch && channel.Reader.TryRead(out var next))
                if (!next.Cancel.IsCancellationRequested) batch.Add(next);
            if (batch.Count == 0) continue;
            try
            {
                var answers = classifier.ClassifyViews([.. batch.SelectMany(one => one.View)], batch.Count);
                for (var i = 0; i < batch.Count; i++) batch[i].Answer.TrySetResult(answers[i]);
                Done = (Done.Passes + 1, Done.Images + batch.Count);
            }
#pragma warning disable CA1031 // Whoever waits gets it; the next batch may do better.
            catch (Exception e)
#pragma warning restore CA1031
            {
                foreach (var one in batch) one.Answer.TrySetException(e);
            }
        }
    }

    private sealed record Waiting(byte[] View, CancellationToken Cancel)
    {
        // Whoever waits goes on elsewhere, not on the thread that must make the next pass.
        public TaskCompletionSource<Classification> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
