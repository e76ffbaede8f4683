using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Evaluation;

/// <summary>Images that nobody has labelled: files, and what lies in folders and archives.</summary>
/// <remarks>They are decoded on all cores while a batch of those before is looked at, and no more of them are kept.</remarks>
internal static class UnlabelledImages
{
    private const int Batch = 64;

    /// <summary>Shows all images of a place, in the evaluation view.</summary>
    /// <param name="place">An image, a folder, a .zip or a .tar.gz.</param>
    /// <param name="size">Height and width of the views, in pixels.</param>
    /// <param name="look">Gets batches: the images' numbers, and their pixels, uint8 <c>[N, 3, size, size]</c>.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>What each image is called, and why it can't be used; null where it can.</returns>
    /// <exception cref="InputException">The place is missing or can't be read, or holds no images.</exception>
    public static IReadOnlyList<(string Name, string? Bad)> Read(
        string place, int size, Action<IReadOnlyList<int>, byte[]> look, CancellationToken cancel)
    {
        // A single image is what its folder holds of that name.
        var single = File.Exists(place) && ImageDecoder.IsImage(place) ? Path.GetFileName(place) : null;
        using var tree = FileTree.Open(single is null ? place : Path.GetDirectoryName(Path.GetFullPath(place))!, "images", cancel);
        var names = single is null ? tree.Names.Where(ImageDecoder.IsImage).ToList() : [single];
        if (names.Count == 0) throw new InputException($"'{place}' holds no images.");
        var framing = Framing.For(size);
        using var decoded = new BlockingCollection<(int Index, byte[] View)>(2 * Batch);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var looking = Task.Factory.StartNew(() => Look(decoded, look, stop), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        string?[] reasons;
        try
        {
            reasons = FileDecoder.Decode(tree, names, framing, (i, image) =>
            {
                var view = new byte[framing.ViewShape.Bytes];
                framing.Views.Apply(image.Pixels, image.Shape, view, framing.ViewShape, new View(0, i, View.Evaluation));
                decoded.Add((i, view), stop.Token);
            }, stop.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            reasons = []; // Whoever looks at them failed, and throws below.
        }
        finally
        {
            decoded.CompleteAdding();
        }
        ExceptionDispatchInfo? failed = null;
        try
        {
            looking.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed = ExceptionDispatchInfo.Capture(e);
        }
        failed?.Throw();
        cancel.ThrowIfCancellationRequested();
        return [.. names.Select((name, i) => (single is null ? name : place, reasons[i]))];
    }

    private static void Look(BlockingCollection<(int Index, byte[] View)> decoded, Action<IReadOnlyList<int>, byte[]> look,
        CancellationTokenSource stop)
    {
        try
        {
            foreach (var some in decoded.GetConsumingEnumerable(stop.Token).Chunk(Batch))
                look([.. some.Select(one => one.Index)], Joined(some));
        }
        catch
        {
            stop.Cancel(); // Nobody waits for room that won't come.
            throw;
        }
    }

    private static byte[] Joined((int Index, byte[] View)[] views)
    {
        var all = new byte[views.Sum(one => one.View.Length)];
        foreach (var (i, (_, view)) in views.Index()) view.CopyTo(all, i * view.Length);
        return all;
    }
}
