using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Refilled.Data.Decoding;
using Refilled.Data.Views;

namespace Refilled.Deploy;

/// <summary>Classifies images with a network that Refilled exported. Safe from any thread.</summary>
/// <remarks>Images are decoded, turned upright, resized and cut exactly as Refilled's own evaluation does it.</remarks>
public sealed class ImageClassifier : IDisposable
{
    private const string Images = "images";

    private static readonly string[] Outputs = ["probabilities", "logits", "embedding"];

    private readonly InferenceSession session;
    private readonly ExportedModel model;
    private readonly ClassifierOptions options;
    private readonly Framing framing;
    private readonly TensorElementType input;

    /// <summary>Memory of decoders that aren't at work.</summary>
    private readonly ConcurrentBag<DecoderMemory> memories = [];

    private ImageClassifier(InferenceSession session, ExportedModel model, ClassifierOptions options)
    {
        (this.session, this.model, this.options) = (session, model, options);
        framing = Framing.For(model.Size);
        input = session.InputMetadata[Images].ElementDataType;
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
        var model = ExportedModel.Read(file, name);
        InferenceSession? session = null;
        try
        {
            using var settings = new SessionOptions
                { IntraOpNumThreads = options.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            session = new InferenceSession(file, settings);
            var classes = model.ClassNames.Count;
            if (!session.InputMetadata.TryGetValue(Images, out var images)
                || images.ElementDataType is not (TensorElementType.Float or TensorElementType.UInt8)
                || Outputs.Any(output => !session.OutputMetadata.TryGetValue(output, out var found)
                    || found.ElementDataType != TensorElementType.Float || found.Dimensions.Length != 2)
                || session.OutputMetadata[Outputs[0]].Dimensions[1] != classes)
                throw new DeployException($"{name} has other inputs and outputs than an export of Refilled: "
                    + $"'{Images}' in, and {string.Join(", ", Outputs)} of {classes} classes out, are wanted.");
            return new ImageClassifier(session, model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new DeployException($"ONNX Runtime can't open {name}: {e.Message}", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Classifies an image file: JPEG, PNG, WebP, BMP or GIF.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ImageException">The image is missing or can't be used.</exception>
    public Classification Classify(string path, CancellationToken cancel = default) =>
        ClassifyViews(View(Content(path), $"'{path}'"), 1, cancel)[0];

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
        using var content = new MemoryStream();
        var block = new byte[81920];
        for (int read; (read = image.Read(block)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            CheckLength(content.Length + read, "The image");
            content.Write(block, 0, read);
        }
        return Classify(content.ToArray(), cancel);
    }

    /// <summary>Classifies many image files; those that can't be used are told and passed over.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>An answer for each, in their order.</returns>
    public IReadOnlyList<ImageAnswer> ClassifyAll(IReadOnlyList<string> paths, CancellationToken cancel = default) =>
        ClassifyAll(paths, path => View(Content(path), $"'{path}'"), cancel);

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
            var (views, problems) = (new byte[chunk.Length][], new string?[chunk.Length]);
            Parallel.For(0, chunk.Length, new ParallelOptions { CancellationToken = cancel }, i =>
            {
                try
                {
                    views[i] = view(chunk[i]);
                }
                catch (ImageException e)
                {
                    problems[i] = e.Message;
                }
            });
            byte[][] good = [.. views.Where(one => one is not null)];
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
    public byte[] View(byte[] image) => View(image, "The image");

    private byte[] View(byte[] image, string name)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckLength(image.Length, name);
        var memory = memories.TryTake(out var free) ? free : new DecoderMemory();
        try
        {
            var kept = ImageDecoder.Decode(image, framing, memory, options.MostPixels);
            var view = new byte[framing.ViewShape.Bytes];
            Framing.Middle(kept.Pixels, kept.Shape, view, framing.ViewShape);
            return view;
        }
        catch (BadImageException e)
        {
            throw new ImageException($"{name} {e.Message}.", e);
        }
        finally
        {
            memories.Add(memory);
        }
    }

    /// <summary>Classifies pixels that have the network's size already.</summary>
    /// <param name="views">Red, green and blue planes of each image, from 0 to 255, <c>[N, 3, Size, Size]</c>.</param>
    /// <param name="count">N.</param>
    /// <param name="cancel">Stops the work, within a pass too.</param>
    /// <returns>An answer for each, in their order.</returns>
    /// <exception cref="ArgumentException">There are other than so many pixels.</exception>
    public IReadOnlyList<Classification> ClassifyViews(ReadOnlySpan<byte> views, int count, CancellationToken cancel = default)
    {
        var bytes = framing.ViewShape.Bytes;
        if (count < 0 || views.Length != (long)count * bytes)
            throw new ArgumentException(
                $"{count} images of {Size}×{Size} pixels take {(long)count * bytes} bytes; there are {views.Length}.", nameof(views));
        var answers = new List<Classification>(count);
        for (var done = 0; done < count; done += options.Batch)
        {
            var some = Math.Min(options.Batch, count - done);
            answers.AddRange(Pass(views.Slice(done * bytes, some * bytes), some, cancel));
        }
        return answers;
    }

    private IEnumerable<Classification> Pass(ReadOnlySpan<byte> views, int count, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var images = Input(views, count);
        using var run = new RunOptions();
        using var stop = cancel.Register(() => run.Terminate = true);
        try
        {
            using var found = session.Run(run, [Images], [images], Outputs);
            var (probabilities, logits, embedding) = (Rows(found[0], count), Rows(found[1], count), Rows(found[2], count));
            return Enumerable.Range(0, count).Select(i => new Classification(ClassNames, probabilities[i], logits[i], embedding[i]));
        }
        catch (OnnxRuntimeException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }

    private OrtValue Input(ReadOnlySpan<byte> views, int count)
    {
        if (input == TensorElementType.Float)
        {
            var pixels = new float[views.Length];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = views[i];
            return OrtValue.CreateTensorValueFromMemory(pixels, [count, Framing.Channels, Size, Size]);
        }
        // A graph that takes any size cuts the middle out of an image whose shorter side is this; so the view gets such a border.
        var side = model.ShortSide;
        var framed = new byte[count * Framing.Channels * side * side];
        var margin = (side - Size) / 2;
        for (var row = 0; row < count * Framing.Channels * Size; row++)
            views.Slice(row * Size, Size).CopyTo(framed.AsSpan((row / Size * side + margin + row % Size) * side + margin));
        return OrtValue.CreateTensorValueFromMemory(framed, [count, Framing.Channels, side, side]);
    }

    private static float[][] Rows(OrtValue output, int count)
    {
        var all = output.GetTensorDataAsSpan<float>();
        var (rows, each) = (new float[count][], all.Length / count);
        for (var i = 0; i < count; i++) rows[i] = all.Slice(i * each, each).ToArray();
        return rows;
    }

    private byte[] Content(string path)
    {
        if (!File.Exists(path)) throw new ImageException($"There is no file '{path}'.");
        try
        {
            CheckLength(new FileInfo(path).Length, $"'{path}'");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"'{path}' can't be read: {e.Message}", e);
        }
    }

    private void CheckLength(long length, string name)
    {
        if (length > options.MostBytes)
            throw new ImageException(string.Create(CultureInfo.InvariantCulture,
                $"{name} has more than {options.MostBytes / 1048576.0:0.##} MiB, the most that is read."));
    }

    /// <summary>Gives the runtime's memory back.</summary>
    public void Dispose() => session.Dispose();
}
