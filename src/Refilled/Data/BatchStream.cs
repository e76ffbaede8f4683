using System.Buffers;
using System.Threading.Channels;
using static TorchSharp.torch;

namespace Refilled.Data;

/// <summary>The batches of a set, drawn ahead by a worker in the background. What it yields is a function of the set and
/// the options, never of timing.</summary>
public sealed class BatchStream : IBatchSource
{
    private readonly ImageSet set;
    private readonly BatchStreamOptions options;

    /// <inheritdoc cref="BatchStream"/>
    /// <exception cref="ArgumentOutOfRangeException">The batch size or prefetch is below 1, views are below 0, or a batch
    /// has more than 2 GiB.</exception>
    public BatchStream(ImageSet set, BatchStreamOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Views);
        if ((long)Math.Min(options.BatchSize, set.Count) * set.Store.ViewShape.Bytes > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchSize, $"A batch of images with {set.Store.ViewShape.Bytes} bytes each must not exceed {Array.MaxLength} bytes.");
        (this.set, this.options) = (set, options);
    }

    /// <inheritdoc/>
    public int StepsPerEpoch => (int)(((long)set.Count + options.BatchSize - 1) / options.BatchSize);

    /// <summary>The set in its own order, in the evaluation view.</summary>
    public static BatchStream Evaluation(ImageSet set, int batchSize = 256) => new(set, new BatchStreamOptions { BatchSize = batchSize, FixedView = View.Evaluation });

    /// <summary>The view that an epoch shows.</summary>
    public int ViewOf(int epoch) => options.FixedView ?? (options.Views == 0 ? epoch : epoch % options.Views);

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(fromStep);
        return Stream(epoch, fromStep);
    }

    private IEnumerable<Batch> Stream(int epoch, int fromStep)
    {
        var order = options.FixedView is not null ? null : SeedMix.Permutation(set.Count, options.OrderSeed, SeedStream.Order, epoch);
        var view = ViewOf(epoch);
        var ready = Channel.CreateBounded<Drawn>(new BoundedChannelOptions(options.Prefetch) { SingleReader = true, SingleWriter = true });
        using var stop = new CancellationTokenSource();
        var worker = Task.Run(async () =>
        {
            try
            {
                for (var step = fromStep; step < StepsPerEpoch && !stop.IsCancellationRequested; step++)
                    await ready.Writer.WriteAsync(Draw(order, step, view), stop.Token).ConfigureAwait(false);
                ready.Writer.Complete();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                ready.Writer.Complete();
            }
#pragma warning disable CA1031 // Whatever went wrong is thrown again where the batch is read.
            catch (Exception e)
#pragma warning restore CA1031
            {
                ready.Writer.Complete(e);
            }
        });
        try
        {
            while (Next(ready.Reader) is { } drawn) yield return Wrap(drawn);
        }
        finally
        {
            stop.Cancel();
            worker.GetAwaiter().GetResult();
        }
    }

    /// <summary>Waits for the next batch on the reader's own thread: dispose scopes belong to threads.</summary>
    private static Drawn? Next(ChannelReader<Drawn> reader)
    {
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            if (reader.TryRead(out var drawn)) return drawn;
        return null;
    }

    private Drawn Draw(int[]? order, int step, int view)
    {
        var bytes = set.Store.ViewShape.Bytes;
        var from = step * options.BatchSize;
        var size = Math.Min(options.BatchSize, set.Count - from);
        var drawn = new Drawn(ArrayPool<byte>.Shared.Rent(checked(size * bytes)), new long[size], new long[size], view);
        for (var i = 0; i < size; i++)
        {
            var position = order is null ? from + i : order[from + i];
            var id = set.SampleIds[position];
            drawn.Ids[i] = id;
            drawn.Labels[i] = set.Labels[position];
            set.Store.Draw(new View(options.ViewSeed, id, view), drawn.Pixels.AsSpan(i * bytes, bytes));
        }
        return drawn;
    }

    private Batch Wrap(Drawn drawn)
    {
        var shape = set.Store.ViewShape;
        var images = empty([drawn.Ids.Length, shape.Channels, shape.Height, shape.Width], ScalarType.Byte).DetachFromDisposeScope();
        drawn.Pixels.AsSpan(0, drawn.Ids.Length * shape.Bytes).CopyTo(images.bytes);
        // Returned, not left to the collector: at tens of batches a second it would let gigabytes pile up.
        ArrayPool<byte>.Shared.Return(drawn.Pixels);
        return new Batch(images, tensor(drawn.Labels).DetachFromDisposeScope(), drawn.Ids, Enumerable.Repeat(drawn.View, drawn.Ids.Length).ToArray());
    }

    private sealed record Drawn(byte[] Pixels, long[] Labels, long[] Ids, int View);
}
