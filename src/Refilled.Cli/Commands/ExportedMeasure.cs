using Refilled.Evaluation;
using Refilled.Onnx;

namespace Refilled.Cli.Commands;

/// <summary>An exported network as it is used: its size, how long it takes, and how well it does.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Latency1">Median milliseconds of an image alone.</param>
/// <param name="Latency32">Median milliseconds of a batch of 32.</param>
/// <param name="Right">Of each test image whether it is right; empty where there are none.</param>
internal sealed record ExportedMeasure(string Path, long Bytes, double Latency1, double Latency32, IReadOnlyList<bool> Right)
{
    private const int Batch = 32;

    /// <summary>Runs it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="test">Test images; there may be none.</param>
    /// <param name="cancel">Stops it.</param>
    public static ExportedMeasure Of(string path, IReadOnlyList<(byte[] Pixels, int Label)> test, CancellationToken cancel)
    {
        using var network = new OnnxNetwork(path);
        int[] Shape(int images) => [images, network.Input.Channels, network.Input.Height, network.Input.Width];
        double Milliseconds(int images, int rounds)
        {
            var pixels = new byte[Shape(images).Aggregate(1, (product, size) => product * size)];
            new Random(0).NextBytes(pixels);
            return Latency.Of(() => network.Run(pixels, Shape(images)), rounds);
        }
        var (one, batch) = (Milliseconds(1, 100), Milliseconds(Batch, 20));
        var right = new List<bool>(test.Count);
        foreach (var some in test.Chunk(Batch))
        {
            cancel.ThrowIfCancellationRequested();
            var logits = network.Run([.. some.SelectMany(image => image.Pixels)], Shape(some.Length));
            right.AddRange(Answer.Of(logits, [.. some.Select(image => image.Label)], 1).Select(answer => answer.IsRight));
        }
        return new ExportedMeasure(path, new FileInfo(path).Length, one, batch, right);
    }

    /// <summary>The part of test images that is right.</summary>
    public double Accuracy => Right.Average(right => right ? 1.0 : 0);
}
