using System.Diagnostics;
using System.Runtime.InteropServices;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Cli.Bench;

/// <summary>Measures how many images a second each part of the data path gives: drawing views and decoding files, on
/// made-up images, so that no data set is needed. What it does is always the same; only the times differ.</summary>
/// <remarks>Rows whose names end in "-floor" are the decoder of the JPEG library alone, at the files' own size and on as
/// many threads as the row above them.</remarks>
public static class SourceBench
{
    /// <summary>50,000 images of 32×32, as CIFAR-100 has: padded crops in batches of 128, as training reads them.</summary>
    public const string Views32 = "views-32";

    /// <summary>Random boxes of 256×341 pixels resized to 224, in batches of 128, as training reads them.</summary>
    public const string Views224 = "views-224";

    /// <summary>64×64 JPEGs (quality 90): decoded, framed to 64 pixels, and a view of each drawn, on all cores.</summary>
    public const string Jpeg64 = "jpeg-64";

    /// <summary>500×375 JPEGs (quality 90), kept with the shorter side at 256 for views of 224, on all cores.</summary>
    public const string Jpeg500 = "jpeg-500-to-256";

    /// <summary>500×375 JPEGs (quality 90), decoded at a quarter of their size and kept as squares of 64, on all cores.</summary>
    public const string Jpeg500To64 = "jpeg-500-to-64";

    /// <summary>1000×750 JPEGs (quality 90), decoded at half their size and kept with the shorter side at 256, on all cores.</summary>
    public const string Jpeg1000 = "jpeg-1000-to-256";

    /// <summary>What is added to a name for the decoder alone.</summary>
    public const string Floor = "-floor";

    /// <summary>What is added to a name where the file is decoded at its own size instead.</summary>
    public const string Unscaled = "-unscaled";

    private const int BatchSize = 128;

    /// <summary>Measures every row in turn.</summary>
    /// <param name="options">How long, and on what.</param>
    /// <param name="progress">Told of each row as soon as it is measured.</param>
    /// <param name="cancel">Stops within a pass over the images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time or the number of repetitions isn't positive.</exception>
    /// <exception cref="InputException">The data that was named can't be used.</exception>
    public static IReadOnlyList<SourceRate> Run(SourceBenchOptions? options = null, IProgress<SourceRate>? progress = null,
        CancellationToken cancel = default)
    {
        options ??= new SourceBenchOptions();
        return Measure(Rows(options, cancel), options, progress, cancel);
    }

    /// <summary>Measures some rows in turn, each repeated for as long as the options say.</summary>
    internal static IReadOnlyList<SourceRate> Measure(IEnumerable<SourceRow> rows, SourceBenchOptions options,
        IProgress<SourceRate>? progress, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repetitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.PerRow, TimeSpan.Zero);
        Native.TorchRuntime.Load();
        var rates = new List<SourceRate>();
        foreach (var row in rows)
        {
            row.Pass(cancel); // warms up
            var seconds = Enumerable.Range(0, options.Repetitions).Select(_ => Seconds(row, options.PerRow / options.Repetitions, cancel))
                .Order().ToArray();
            rates.Add(new SourceRate(row.Name, 1 / seconds[seconds.Length / 2]));
            progress?.Report(rates[^1]);
        }
        return rates;
    }

    /// <summary>The rows, each made when it is reached.</summary>
    internal static IEnumerable<SourceRow> Rows(SourceBenchOptions options, CancellationToken cancel = default)
    {
        yield return new SourceRow(Views32, Stream(MadeUpSet.Create(50_000, 2, 32)));
        var framing = Framing.For(224);
        yield return new SourceRow(Views224,
            Stream(MadeUpSet.Create(256, 2, new ImageShape(3, 256, 341), framing.ViewShape, framing.Views)));

        var small = MadeUpJpegs.Make(512, 64, 64);
        var framing64 = Framing.For(64);
        yield return new SourceRow(Jpeg64, OnAllCores(small, DecodeAndDraw(framing64)));
        yield return new SourceRow(Jpeg64 + Floor, OnAllCores(small, BareDecoder));

        var medium = MadeUpJpegs.Make(16, 500, 375);
        yield return new SourceRow(Jpeg500, OnAllCores(medium, Decode(framing)));
        yield return new SourceRow(Jpeg500 + Floor, OnAllCores(medium, BareDecoder));
        yield return new SourceRow(Jpeg500To64, OnAllCores(medium, Decode(framing64)));
        yield return new SourceRow(Jpeg500To64 + Unscaled, OnAllCores(medium, DecodeUnscaled(framing64)));

        var large = MadeUpJpegs.Make(4, 1000, 750);
        yield return new SourceRow(Jpeg1000, OnAllCores(large, Decode(framing)));
        yield return new SourceRow(Jpeg1000 + Unscaled, OnAllCores(large, DecodeUnscaled(framing)));

        if (options.Data is not { } spec) yield break;
        var data = DataCatalog.Load(spec, options.DataOptions, cancel);
        yield return new SourceRow($"{data.Name}-load", stop =>
        {
            var loaded = DataCatalog.Load(spec, options.DataOptions, stop);
            return loaded.Train.Count + (loaded.Validation?.Count ?? 0) + loaded.Test.Count;
        });
        yield return new SourceRow($"{data.Name}-views", Stream(data.Train));
    }

    private static double Seconds(SourceRow row, TimeSpan least, CancellationToken cancel)
    {
        var (images, watch) = (0L, Stopwatch.StartNew());
        do images += row.Pass(cancel);
        while (watch.Elapsed < least);
        return watch.Elapsed.TotalSeconds / images;
    }

    private static Func<CancellationToken, int> Stream(ImageSet set)
    {
        var stream = new BatchStream(set, new BatchStreamOptions { BatchSize = BatchSize });
        return cancel =>
        {
            foreach (var batch in stream.Epoch(0))
            {
                batch.Dispose();
                cancel.ThrowIfCancellationRequested();
            }
            return set.Count;
        };
    }

    /// <param name="files">What is worked on.</param>
    /// <param name="worker">Makes what one thread does with each file.</param>
    private static Func<CancellationToken, int> OnAllCores(byte[][] files, Func<DecoderMemory, Action<byte[]>> worker)
    {
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => worker(new DecoderMemory())).ToArray();
        return cancel =>
        {
            Parallel.For(0, workers.Length,
                new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = workers.Length }, first =>
            {
                for (var i = first; i < files.Length && !cancel.IsCancellationRequested; i += workers.Length) workers[first](files[i]);
            });
            cancel.ThrowIfCancellationRequested();
            return files.Length;
        };
    }

    private static Func<DecoderMemory, Action<byte[]>> Decode(Framing framing) =>
        memory => file => ImageDecoder.Decode(file, framing, memory);

    private static Func<DecoderMemory, Action<byte[]>> DecodeUnscaled(Framing framing) =>
        memory => file => ImageDecoder.DecodeUnscaled(file, framing, memory);

    private static Func<DecoderMemory, Action<byte[]>> DecodeAndDraw(Framing framing) => memory =>
    {
        var view = new byte[framing.ViewShape.Bytes];
        return file =>
        {
            var image = ImageDecoder.Decode(file, framing, memory);
            framing.Views.Apply(image.Pixels, image.Shape, view, framing.ViewShape, new View(0, file.Length, 0));
        };
    };

    private static Action<byte[]> BareDecoder(DecoderMemory _)
    {
        var target = new byte[4 * 1000 * 750];
        return file =>
        {
            var held = GCHandle.Alloc(file, GCHandleType.Pinned);
            using (var data = SKData.Create(held.AddrOfPinnedObject(), file.Length))
            using (var codec = SKCodec.Create(data))
            {
                unsafe
                {
                    fixed (byte* pixels = target) codec.GetPixels(
                        new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)pixels);
                }
            }
            held.Free();
        };
    }
}

/// <summary>How long and on what <see cref="SourceBench"/> measures.</summary>
public sealed record SourceBenchOptions
{
    /// <summary>Time for each row, all repetitions together. Default 2 s.</summary>
    public TimeSpan PerRow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Repetitions of each row; the median is reported. Default 5.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Data of one's own to measure as well, such as "folder:path"; null measures made-up images alone.</summary>
    public string? Data { get; init; }

    /// <summary>How <see cref="Data"/> is to be read.</summary>
    public Data.DataOptions? DataOptions { get; init; }
}

/// <summary>Something that can be measured again and again.</summary>
/// <param name="Name">What the result is called.</param>
/// <param name="Pass">Does the same work each time and returns the number of images it was done for.</param>
internal sealed record SourceRow(string Name, Func<CancellationToken, int> Pass);
