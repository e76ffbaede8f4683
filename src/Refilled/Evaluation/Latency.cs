using System.Diagnostics;
using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>How long a network takes to answer.</summary>
internal static class Latency
{
    private const int WarmUp = 5;

    /// <summary>Median milliseconds of a pass over a batch, from uint8 pixels to logits.</summary>
    /// <remarks>With the engine's threads as they are.</remarks>
    /// <param name="network">The network; its mode stays as it is.</param>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="batch">Images at once. Default 1.</param>
    /// <param name="rounds">Passes that are timed. Default 50.</param>
    public static double Of(EmbeddingNetwork network, ImageShape shape, int batch = 1, int rounds = 50)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var images = zeros([batch, shape.Channels, shape.Height, shape.Width], ScalarType.Byte);
        return Of(() => network.Observe(images, Needs.Logits).Logits.cpu().Dispose(), rounds);
    }

    /// <summary>Median milliseconds of anything.</summary>
    public static double Of(Action pass, int rounds)
    {
        var times = new List<double>();
        for (var round = -WarmUp; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            pass();
            if (round >= 0) times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return times.Order().ElementAt(rounds / 2);
    }
}
