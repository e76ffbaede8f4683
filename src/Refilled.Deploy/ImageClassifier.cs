using Refilled.Data.Views;

namespace Refilled.Deploy;

/// <summary>Classifies images with a network that Refilled exported. Safe from any thread.</summary>
/// <remarks>Images are decoded, turned upright, resized and cut exactly as Refilled's own evaluation does it.</remarks>
public sealed class ImageClassifier : IDisposable
{
    private readonly ExportedSession session;
    private readonly ExportedModel model;
    private readonly ClassifierOptions options;
    private readonly ViewReader views;

    private ImageClassifier(ExportedSession session, ClassifierOptions options)
    {
        (this.session, model, this.options) = (session, session.Model, options);
        views = new ViewReader(Framing.For(model.Size), options);
    }

    /// <summary>The name of each class, <c>[C]</c>.</summary>
    public IReadOnlyList<string> ClassNames => model.ClassNames;

    /// <summary>Height and width of the images that the network sees, in pixels.</summary>
    public int Size => model.Size;

    /// <summary>The network's architecture, such as "wrn-16-1".</summary>
    public string Network => model.Network;

    /// <summary>What logits are divided by before they become probabilities; null where that was never fitted.</summary>
    public double? Temperature => model.Temperature;

    /// <summary>When to answer "none of these", as JSON; null where that was never measured.</summary>
    public string? Unknown => model.Unknown;

    /// <summary>SHA-256 of the network file that was exported; null where the export doesn't say it.</summary>
    public string? Source => model.Source;

    /// <summary>Opens an exported file.</summary>
    /// <param name="path">What <c>refilled export</c> wrote.</param>
    /// <param name="options">How it works. Default: all cores.</param>
    /// <exception cref="DeployException">The file is missing, damaged, or no export of Refilled.</exception>
    public static ImageClassifier Load(string path, ClassifierOptions? options = null)
    {
        if (!File.Exists(path)) throw new DeployException($"There is no file '{path}'.");
        try
        {
            return Load(File.ReadAllBytes(path), options, $"'{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployException($"'{path}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Opens an exported file that is in memory.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="options">How it works. Default: all cores.</param>
    /// <exception cref="DeployException">It is damaged, or no export of Refilled.</exception>
    public static ImageClassifier Load(byte[] model, ClassifierOptions? options = null) => Load(model, options, "The model");

    private static ImageClassifier Load(byte[] file, ClassifierOptions? options, string name)
    {
        options ??= new ClassifierOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        return new ImageClassifier(ExportedSession.Open(file, options, name), options);
    }

    /// <summary>Classifies an image file: JPEG, PNG, WebP, BMP or GIF.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ImageException">The image is missing or can't be used.</exception>
    public Classification Classify(string path, CancellationToken cancel = default) =>
        ClassifyViews(views.OfFile(path), 1, cancel)[0];

    /// <summary>Classifies an image file that is in memory.</summary>
    /// <param name="image">Its bytes.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ImageException">The image can't be used.</exception>
    public Classification Classify(byte[] image, CancellationToken cancel = default) => ClassifyViews(View(image), 1, cancel)[0];

    /// <summary>Classifies the image file that a stream gives.</summary>
    /// <param name="image">Read to its end.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ImageException">The image can't be used.</exception>
    public Classification Classify(Stream image, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ClassifyViews(views.OfStream(image, cancel), 1, cancel)[0];
    }

    /// <summary>Classifies many image files; those that can't be used are told and passed over.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>An answer for each, in their order.</returns>
    public IReadOnlyList<ImageAnswer> ClassifyAll(IReadOnlyList<string> paths, CancellationToken cancel = default) =>
        ClassifyAll(paths, views.OfFile, cancel);

    /// <summary>Classifies many image files that are in memory; those that can't be used are told and passed over.</summary>
    /// <param name="images">The bytes of each.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>An answer for each, in their order.</returns>
    public IReadOnlyList<ImageAnswer> ClassifyAll(IReadOnlyList<byte[]> images, CancellationToken cancel = default) =>
        ClassifyAll(images, View, cancel);

    private List<ImageAnswer> ClassifyAll<T>(IReadOnlyList<T> images, Func<T, byte[]> view, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(images);
        var answers = new List<ImageAnswer>(images.Count);
        foreach (var chunk in images.Chunk(options.Batch))
        {
            var (seen, problems) = (new byte[chunk.Length][], new string?[chunk.Length]);
            Parallel.For(0, chunk.Length, new ParallelOptions { CancellationToken = cancel }, i =>
            {
                try
                {
                    seen[i] = view(chunk[i]);
                }
                catch (ImageException e)
                {
                    problems[i] = e.Message;
                }
            });
            byte[][] good = [.. seen.Where(one => one is not null)];
            var found = ClassifyViews(good.SelectMany(one => one).ToArray(), good.Length, cancel);
            var next = 0;
            foreach (var problem in problems) answers.Add(new ImageAnswer(problem is null ? found[next++] : null, problem));
        }
        return answers;
    }

    /// <summary>What the network sees of an image file: upright, resized, the middle cut out.</summary>
    /// <param name="image">The file's bytes.</param>
    /// <returns>Red, green and blue planes, <c>[3, Size, Size]</c>, for <see cref="ClassifyViews"/>.</returns>
    /// <exception cref="ImageException">The image can't be used.</exception>
    public byte[] View(byte[] image) => views.Of(image, "The image");

    /// <summary>Classifies pixels that have the network's size already.</summary>
    /// <param name="views">Red, green and blue planes of each image, from 0 to 255, <c>[N, 3, Size, Size]</c>.</param>
    /// <param name="count">N.</param>
    /// <param name="cancel">Stops the work, within a pass too.</param>
    /// <returns>An answer for each, in their order.</returns>
    /// <exception cref="ArgumentException">There are other than so many pixels.</exception>
    public IReadOnlyList<Classification> ClassifyViews(ReadOnlySpan<byte> views, int count, CancellationToken cancel = default)
    {
        var bytes = Framing.Channels * Size * Size;
        if (count < 0 || views.Length != (long)count * bytes)
            throw new ArgumentException(
                $"{count} images of {Size}×{Size} pixels take {(long)count * bytes} bytes; there are {views.Length}.", nameof(views));
        var answers = new List<Classification>(count);
        for (var done = 0; done < count; done += options.Batch)
        {
            var some = Math.Min(options.Batch, count - done);
            answers.AddRange(session.Run(views.Slice(done * bytes, some * bytes), some, cancel));
        }
        return answers;
    }

    /// <summary>Gives the runtime's memory back.</summary>
    public void Dispose() => session.Dispose();
}
