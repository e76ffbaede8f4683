using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using global::Onnx;
using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Onnx;

/// <summary>Writes a trained network as ONNX, and compares what ONNX Runtime makes of it with the network itself.</summary>
/// <remarks>Opset 18, any batch; normalisation inside, batch norms folded into the convolutions before them; outputs "logits",
/// "probabilities" and "embedding"; the classes in the metadata.</remarks>
public static class OnnxExport
{
    /// <summary>Keys of the metadata.</summary>
    internal const string FormatKey = "refilled.format", ClassesKey = "refilled.classes", NetworkKey = "refilled.network",
        InputKey = "refilled.input", TemperatureKey = "refilled.temperature", SourceKey = "refilled.source";

    private const int Opset = 18, IntermediateVersion = 8;

    /// <summary>Largest difference of logits, in parts of the largest logit (but of 1 at least), that passes.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Writes the file, runs it on images, and keeps it only where it agrees.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trained">The network; fp32.</param>
    /// <param name="images">uint8 <c>[N, C, H, W]</c> of the network's own size, to compare on.</param>
    /// <param name="options">What the caller gives, and what the probabilities are.</param>
    /// <returns>The largest difference between the logits, in parts of the largest logit (but of 1 at least).</returns>
    /// <exception cref="InputException">The network can't be exported, the file can't be written, or the two disagree.</exception>
    public static double Save(string path, TrainedNetwork trained, Tensor images, OnnxExportOptions? options = null)
    {
        options ??= new OnnxExportOptions();
        var bytes = Model(trained, options).ToByteArray();
        var beside = path + ".tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(beside, bytes);
            var difference = Difference(beside, trained.Network, images, options.Input);
            if (!(difference <= Tolerance))
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"ONNX Runtime and the network disagree by {difference:0.0e0} of the largest logit, so '{path}' was not written."));
            File.Move(beside, path, overwrite: true);
            return difference;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static ModelProto Model(TrainedNetwork trained, OnnxExportOptions options)
    {
        var (network, graph) = (trained.Network, new GraphWriter());
        var images = InputGraph.Write(graph, network.Input, options.Input);
        NetworkGraph.Write(graph, network, images, options.Temperature);
        var model = new ModelProto
        {
            IrVersion = IntermediateVersion, ProducerName = "refilled", Graph = graph.Graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
        };
        void Say(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        Say(FormatKey, "refilled-onnx/1");
        Say(NetworkKey, network.Architecture);
        Say(ClassesKey, JsonSerializer.Serialize(trained.ClassNames));
        Say(InputKey, JsonSerializer.Serialize(network.Input));
        Say(TemperatureKey, options.Temperature.ToString("R", CultureInfo.InvariantCulture));
        if (options.Source is { } source) Say(SourceKey, source);
        return model;
    }

    private static double Difference(string path, EmbeddingNetwork network, Tensor images, OnnxInput input)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.eval();
        var expected = network.Observe(images, Needs.Logits).Logits.cpu().contiguous().data<float>().ToArray();
        using var exported = new OnnxNetwork(path);
        var given = input == OnnxInput.AnySize ? Framed(images, network.Input) : images;
        var actual = exported.Run(given.contiguous().data<byte>().ToArray(), [.. given.shape.Select(size => (int)size)]);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        return expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / largest;
    }

    /// <summary>Views with a border, of which a graph that takes any size cuts the views out again, as they were.</summary>
    private static Tensor Framed(Tensor views, InputSpec input)
    {
        var framed = zeros([views.shape[0], views.shape[1], input.ShortSide, input.ShortSide], ScalarType.Byte);
        var margin = (input.ShortSide - input.Height) / 2;
        framed.narrow(2, margin, input.Height).narrow(3, margin, input.Width).copy_(views);
        return framed;
    }
}

/// <summary>How a network is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>What the caller gives. Default: pixels of the network's own size.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Pixels;

    /// <summary>What logits are divided by before they become probabilities. Default 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Where the network came from, for the metadata. Default: not said.</summary>
    public string? Source { get; init; }
}
