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
        InputKey = "refilled.input", TemperatureKey = "refilled.temperature", UnknownKey = "refilled.unknown",
        SourceKey = "refilled.source";

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
        var bytes = Model(trained, options ?? new OnnxExportOptions()).ToByteArray();
        var difference = Difference(bytes, trained.Network, images, options?.Input ?? OnnxInput.Pixels);
        if (!(difference <= Tolerance))
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"ONNX Runtime and the network disagree by {difference:0.0e0} of the largest logit, so '{path}' was not written."));
        Write(path, bytes);
        return difference;
    }

    /// <summary>Writes a file whole or not at all.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    internal static void Write(string path, byte[] bytes)
    {
        var beside = path + ".tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(beside, bytes);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be written: {e.Message}", e);
        }
        finally
        {
            if (File.Exists(beside)) File.Delete(beside);
        }
    }

    private static ModelProto Model(TrainedNetwork trained, OnnxExportOptions options)
    {
        var (network, graph) = (trained.Network, new GraphWriter());
        var images = InputGraph.Write(graph, network.Input, options.Input);
        NetworkGraph.Write(graph, network, images, options.Temperature ?? 1);
        var model = new ModelProto
        {
            IrVersion = IntermediateVersion, ProducerName = "refilled", Graph = graph.Graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
        };
        void Say(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        Say(FormatKey, "refilled-onnx/1");
        Say(NetworkKey, network.Architecture);
        Say(ClassesKey, JsonSerializer.Serialize(trained.ClassNames));
        var input = network.Input;
        Say(InputKey, JsonSerializer.Serialize(
            new { input.Height, input.Width, input.Channels, input.ShortSide, input.Mean, input.Std }));
        if (options.Temperature is { } temperature) Say(TemperatureKey, temperature.ToString("R", CultureInfo.InvariantCulture));
        if (options.Unknown is { } unknown) Say(UnknownKey, unknown);
        if (options.Source is { } source) Say(SourceKey, source);
        return model;
    }

    private static double Difference(byte[] bytes, EmbeddingNetwork network, Tensor images, OnnxInput kind)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.eval();
        var expected = network.Observe(images, Needs.Logits).Logits.cpu().contiguous().data<float>().ToArray();
        using var exported = new OnnxNetwork(bytes);
        var given = kind == OnnxInput.AnySize ? Framed(images, network.Input) : images.contiguous();
        var actual = exported.Run(given.data<byte>().ToArray(), [.. given.shape.Select(size => (int)size)]);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        return expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / largest;
    }

    /// <summary>Images of whose middle the graph makes these again: there is nothing to resize.</summary>
    private static Tensor Framed(Tensor images, InputSpec input)
    {
        var border = (input.ShortSide - input.Height) / 2;
        var framed = zeros([images.shape[0], input.Channels, input.ShortSide, input.ShortSide], ScalarType.Byte);
        framed.narrow(2, border, input.Height).narrow(3, border, input.Width).copy_(images);
        return framed;
    }
}

/// <summary>How a network is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>What the caller gives. Default: pixels of the network's own size.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Pixels;

    /// <summary>What logits are divided by before they become probabilities; null where that was never fitted.</summary>
    public double? Temperature { get; init; }

    /// <summary>When to answer "none of these", as JSON, for the metadata. Default: not said.</summary>
    public string? Unknown { get; init; }

    /// <summary>Where the network came from, for the metadata. Default: not said.</summary>
    public string? Source { get; init; }
}
