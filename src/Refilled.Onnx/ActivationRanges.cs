using Google.Protobuf;
using global::Onnx;

namespace Refilled.Onnx;

/// <summary>From where to where the values of a graph's tensors go, on real images.</summary>
internal static class ActivationRanges
{
    /// <summary>The part of all values that may lie beyond each end.</summary>
    /// <remarks>A few outliers would take precision from all others.</remarks>
    private const double Tail = 1e-4;

    private const int Bins = 2048, Batch = 16;

    /// <summary>Runs the graph on images, and takes the range of each tensor without its tails; 0 always lies in it.</summary>
    /// <param name="model">The graph, in fp32.</param>
    /// <param name="names">The tensors.</param>
    /// <param name="images">Images, a row of pixels each.</param>
    /// <param name="shape">C, H, W.</param>
    /// <param name="cancel">Stops it.</param>
    public static Dictionary<string, (float Low, float High)> Of(
        ModelProto model, IReadOnlyCollection<string> names, IReadOnlyList<byte[]> images, int[] shape, CancellationToken cancel)
    {
        var open = model.Clone();
        foreach (var name in names.Except(open.Graph.Output.Select(output => output.Name)))
            open.Graph.Output.Add(new ValueInfoProto { Name = name });
        using var network = new OnnxNetwork(open.ToByteArray());
        var ends = names.ToDictionary(name => name, _ => (Low: 0f, High: 0f));
        Read((name, values) =>
        {
            var (low, high) = ends[name];
            foreach (var value in values) (low, high) = (Math.Min(low, value), Math.Max(high, value));
            ends[name] = (low, high);
        });
        var counts = names.ToDictionary(name => name, _ => new long[Bins]);
        Read((name, values) =>
        {
            var ((low, high), bins) = (ends[name], counts[name]);
            if (high <= low) return;
            foreach (var value in values) bins[Math.Min(Bins - 1, (int)((value - low) / (high - low) * Bins))]++;
        });
        return names.ToDictionary(name => name, name => Without(counts[name], ends[name]));

        void Read(TensorReader see)
        {
            foreach (var batch in images.Chunk(Batch))
            {
                cancel.ThrowIfCancellationRequested();
                network.Run([.. batch.SelectMany(image => image)], [batch.Length, .. shape], names, see);
            }
        }
    }

    private static (float Low, float High) Without(long[] bins, (float Low, float High) ends)
    {
        var beyond = (long)(Tail * bins.Sum());
        int first = 0, last = Bins - 1;
        for (var left = beyond; first < last && bins[first] <= left; first++) left -= bins[first];
        for (var left = beyond; last > first && bins[last] <= left; last--) left -= bins[last];
        var width = (ends.High - ends.Low) / Bins;
        return (Math.Min(0, ends.Low + first * width), Math.Max(0, ends.Low + (last + 1) * width));
    }
}
