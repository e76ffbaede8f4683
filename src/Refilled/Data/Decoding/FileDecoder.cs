using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Decoding;

/// <summary>Decodes many files on all cores, while one thread reads them in whatever order is quickest.</summary>
internal static class FileDecoder
{
    /// <summary>Gets an image; called from several threads, for each index at most once.</summary>
    public delegate void Take(int index, DecodedImage image);

    /// <summary>Decodes into memory.</summary>
    /// <inheritdoc cref="Decode"/>
    public static DecodedFiles ToMemory(FileTree tree, IReadOnlyList<string> names, Framing framing, CancellationToken cancel)
    {
        var (images, shapes, originals) = (new byte[names.Count][], new ImageShape[names.Count], new ImageShape[names.Count]);
        Array.Fill(images, []);
        var reasons = Decode(tree, names, framing,
            (i, image) => (images[i], shapes[i], originals[i]) = (image.Pixels.ToArray(), image.Shape, image.Original), cancel);
        return new DecodedFiles(new ArrayPixels(images), shapes, originals, reasons);
    }

    /// <param name="tree">Where the files are.</param>
    /// <param name="names">Their names, each once.</param>
    /// <param name="framing">What is kept of them.</param>
    /// <param name="take">Gets each image that can be decoded. What it throws ends the decoding.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <returns>For each name null, or why its file can't be used.</returns>
    /// <exception cref="InputException">Files can't be read, or a name stands twice.</exception>
    public static string?[] Decode(FileTree tree, IReadOnlyList<string> names, Framing framing, Take take, CancellationToken cancel)
    {
        var index = new Dictionary<string, int>();
        for (var i = 0; i < names.Count; i++)
            if (!index.TryAdd(names[i], i)) throw new InputException($"'{tree.Path}' lists {names[i]} twice.");
        var reasons = new string?[names.Count];
        Array.Fill(reasons, "is missing");

        var room = new DecodingRoom();
        using var read = new BlockingCollection<(int Index, byte[] Content)>(boundedCapacity: 64);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Exception? mishap = null;
        void Work()
        {
            try
            {
                using var memory = new DecoderMemory(room);
                foreach (var (i, content) in read.GetConsumingEnumerable(stop.Token))
                    reasons[i] = Attempt(i, content, framing, memory, take);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Whoever stopped it throws.
            }
#pragma warning disable CA1031 // Whatever went wrong is thrown again below.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref mishap, e, null);
                stop.Cancel(); // The reader may be waiting for room.
            }
        }
        Task Started() => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Started()).ToArray();
        try
        {
            tree.Read(index.Keys.ToHashSet(), (name, content) => read.Add((index[name], content), stop.Token), cancel: stop.Token,
                refuse: (name, reason) => reasons[index[name]] = reason);
            read.CompleteAdding();
        }
        catch (OperationCanceledException) when (mishap is not null)
        {
            // Thrown below, with what caused it.
        }
        catch
        {
            stop.Cancel();
            throw;
        }
        finally
        {
            Task.WaitAll(workers, CancellationToken.None); // Nobody may write to what is gone.
        }
        if (mishap is not null) ExceptionDispatchInfo.Throw(mishap);
        cancel.ThrowIfCancellationRequested();
        return reasons;
    }

    /// <returns>Null, or why the file can't be used.</returns>
    private static string? Attempt(int index, byte[] content, Framing framing, DecoderMemory memory, Take take)
    {
        try
        {
            DecodedImage image;
            try
            {
                image = ImageDecoder.Decode(content, framing, memory);
            }
            catch (BadImageException e)
            {
                return e.Message;
            }
            catch (OutOfMemoryException)
            {
                return "is larger than the memory that is left";
            }
            take(index, image);
            return null;
        }
        finally
        {
            memory.Release();
        }
    }
}

/// <summary>Image files after decoding, in the order of their list.</summary>
/// <param name="Pixels">What is kept of each; nothing of those that can't be used.</param>
/// <param name="Shapes">Its shape.</param>
/// <param name="Originals">The shape that each image had.</param>
/// <param name="Reasons">Why a file can't be used; null where it can.</param>
internal sealed record DecodedFiles(IPixels Pixels, ImageShape[] Shapes, ImageShape[] Originals, string?[] Reasons)
{
    /// <summary>The pixels with what draws views from them.</summary>
    public ImageStore Store(Framing framing) => new(Pixels, Shapes, framing.ViewShape, framing.Views);
}
