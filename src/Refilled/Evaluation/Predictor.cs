using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Evaluation;

/// <summary>Anything that gives classes probabilities.</summary>
internal interface IClassify
{
    /// <summary>The name of each class, <c>[C]</c>.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Height and width of the images that it wants, in pixels.</summary>
    int Size { get; }

    /// <summary>Probabilities, row after row, <c>[N, C]</c>.</summary>
    /// <param name="pixels">uint8 <c>[N, 3, Size, Size]</c>.</param>
    /// <param name="count">N.</param>
    float[] Probabilities(byte[] pixels, int count);
}

/// <summary>Names images that nobody has labelled: files, and what lies in folders and archives.</summary>
/// <remarks>They are decoded on all cores while a batch of those before is classified, and no more of them are kept.</remarks>
internal sealed class Predictor(IClassify network)
{
    private const int Batch = 64;

    /// <summary>Classifies all images of a place, in the evaluation view.</summary>
    /// <param name="place">An image, a folder, a .zip or a .tar.gz.</param>
    /// <param name="most">Classes that are named for each, the likeliest first.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>An answer for each image, in the order of the names.</returns>
    /// <exception cref="InputException">The place is missing or can't be read, or holds no images.</exception>
    public IReadOnlyList<Prediction> Classify(string place, int most, CancellationToken cancel)
    {
        // A single image is what its folder holds of that name.
        var single = File.Exists(place) && ImageDecoder.IsImage(place) ? Path.GetFileName(place) : null;
        using var tree = FileTree.Open(single is null ? place : Path.GetDirectoryName(Path.GetFullPath(place))!, "images", cancel);
        var names = single is null ? tree.Names.Where(ImageDecoder.IsImage).ToList() : [single];
        if (names.Count == 0) throw new InputException($"'{place}' holds no images.");
        var framing = Framing.For(network.Size);
        var answers = new (string, double)[names.Count][];
        using var decoded = new BlockingCollection<(int Index, byte[] View)>(2 * Batch);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var classifying = Task.Factory.StartNew(() => Answer(decoded, answers, most, stop), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        string?[] reasons;
        try
        {
            reasons = FileDecoder.Decode(tree, names, framing, (i, image) =>
            {
                var view = new byte[framing.ViewShape.Bytes];
                Framing.Middle(image.Pixels, image.Shape, view, framing.ViewShape);
                decoded.Add((i, view), stop.Token);
            }, stop.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            reasons = []; // The classifier failed, and throws below.
        }
        finally
        {
            decoded.CompleteAdding();
        }
        ExceptionDispatchInfo? failed = null;
        try
        {
            classifying.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed = ExceptionDispatchInfo.Capture(e);
        }
        failed?.Throw();
        cancel.ThrowIfCancellationRequested();
        return [.. names.Select((name, i) => new Prediction(single is null ? name : place, answers[i] ?? [], reasons[i]))];
    }

    private void Answer(BlockingCollection<(int Index, byte[] View)> decoded, (string, double)[][] answers, int most,
        CancellationTokenSource stop)
    {
        try
        {
            var waiting = new List<(int Index, byte[] View)>();
            foreach (var one in decoded.GetConsumingEnumerable(stop.Token))
            {
                waiting.Add(one);
                if (waiting.Count == Batch) Classify();
            }
            if (waiting.Count > 0) Classify();

            void Classify()
            {
                var rows = network.Probabilities(Joined(waiting), waiting.Count);
                var classes = network.ClassNames.Count;
                for (var row = 0; row < waiting.Count; row++)
                    answers[waiting[row].Index] = [.. Enumerable.Range(0, classes).OrderByDescending(c => rows[row * classes + c])
                        .Take(most).Select(c => (network.ClassNames[c], (double)rows[row * classes + c]))];
                waiting.Clear();
            }
        }
        catch
        {
            stop.Cancel(); // Nobody waits for room that won't come.
            throw;
        }
    }

    private static byte[] Joined(List<(int Index, byte[] View)> views)
    {
        var all = new byte[views.Sum(one => one.View.Length)];
        foreach (var (i, (_, view)) in views.Index()) view.CopyTo(all, i * view.Length);
        return all;
    }
}

/// <summary>What an image seems to be.</summary>
/// <param name="Image">Its name: a path, or the name within the folder or archive.</param>
/// <param name="Classes">The likeliest classes and their probabilities; none of a bad image.</param>
/// <param name="Bad">Why it can't be used; null where it can.</param>
internal sealed record Prediction(string Image, IReadOnlyList<(string Name, double Probability)> Classes, string? Bad);
