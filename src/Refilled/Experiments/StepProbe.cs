using System.Diagnostics;
using Refilled.Networks;
using Refilled.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>Trains a small network on noise for about a second: does it work here, and how fast?</summary>
internal static class StepProbe
{
    /// <summary>WRN-16-1, batch 128 of 32×32 images, forward, backward and update.</summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">The precision of the convolutions.</param>
    /// <returns>Milliseconds of the median step, after one step that is not counted.</returns>
    /// <exception cref="TrainingException">The loss was no number.</exception>
    public static double MedianMilliseconds(Device device, Precision precision)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("wrn-16-1", new NetworkOptions(10) { Precision = precision });
        network.to(device);
        using var optimizer = new Sgd(network.named_parameters(), 0.9, 5e-4);
        using var generator = new Generator(0);
        var images = randint(0, 256, [128, 3, 32, 32], ScalarType.Byte, generator: generator);
        var labels = Numbers.Range(0, 128, device).Modulo(10);
        var applies = ones([], device: device);
        var times = new List<double>();
        var total = Stopwatch.StartNew();
        while (times.Count < 2 || total.Elapsed.TotalSeconds < 1)
        {
            var watch = Stopwatch.StartNew();
            using var step = NewDisposeScope();
            var loss = nn.functional.cross_entropy(network.Observe(images, Needs.Logits).Logits, labels);
            optimizer.ZeroGrad();
            loss.backward();
            optimizer.Step(0.1, applies);
            if (!double.IsFinite(loss.Number()))
                throw new TrainingException($"A training step on {device} in {precision} gave a loss of {loss.Number()}.");
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        network.Dispose();
        var sorted = times.Skip(1).Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
