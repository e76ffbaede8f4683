using Refilled.Data;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Deploy.Tests;

/// <summary>A small network that was exported, with itself beside it.</summary>
internal static class ExportedStudent
{
    public static readonly string[] ClassNames = ["fox", "hare", "owl", "elk", "newt"];

    /// <summary>Writes it.</summary>
    /// <returns>The network that the file must agree with.</returns>
    public static TrainedNetwork Write(string path, int size = 32, OnnxInput input = OnnxInput.Pixels, double temperature = 1)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("wrn-10-1",
            new NetworkOptions(ClassNames.Length) { Input = InputSpec.Square(size, ChannelStatistics.ImageNet), Seed = 2 });
        var images = randint(256, [4, 3, size, size], ScalarType.Byte, generator: new Generator(1));
        // Running statistics of its own, and logits that tell images apart.
        network.train();
        network.Observe(images, Needs.Embedding);
        network.eval();
        var trained = new TrainedNetwork(network, ClassNames);
        OnnxExport.Save(path, trained, images,
            new OnnxExportOptions { Input = input, Temperature = temperature, Source = new string('a', 64) });
        return trained;
    }
}
