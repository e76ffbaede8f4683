using Refilled.Networks;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>What a model wants to see, and how our images become that.</summary>
/// <param name="Name">Name of its input.</param>
/// <param name="Type">fp32, fp16 or uint8.</param>
/// <param name="Batch">Images that it sees at once; null where they may be any number.</param>
/// <param name="Spec">Size, mean and deviation, in the order of its channels.</param>
internal sealed record ImageInput(string Name, DataType Type, int? Batch, InputSpec Spec)
{
    /// <summary>The plain pixels, from 0 to 255, at a size.</summary>
    public static InputSpec Pixels(int height, int width) => new(height, width, [0, 0, 0], [1 / 255.0, 1 / 255.0, 1 / 255.0]);

    /// <summary>Whether a pixel's channels stand side by side: <c>[N, H, W, C]</c>.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Whether its channels are blue, green, red.</summary>
    public bool Bgr { get; init; }

    /// <summary>What is taken from each pixel, <c>[C, H, W]</c>, in the order of its channels; null for nothing.</summary>
    public float[]? MeanImage { get; init; }

    /// <summary>Where this is known from, for the user.</summary>
    public string From { get; init; } = "";

    /// <summary>Sizes of the tensor for a number of images.</summary>
    public long[] Shape(int images) => ChannelsLast
        ? [images, Spec.Height, Spec.Width, Spec.Channels] : [images, Spec.Channels, Spec.Height, Spec.Width];

    /// <summary>Numbers of one image.</summary>
    public int Length => Spec.Channels * Spec.Height * Spec.Width;

    /// <summary>All that decides the numbers, as a text.</summary>
    public override string ToString()
    {
        static string List(IEnumerable<double> numbers) =>
            string.Join(", ", numbers.Select(one => FormattableString.Invariant($"{one:0.####}")));
        var size = FormattableString.Invariant($"{Spec.Width}×{Spec.Height}");
        var order = $"{(Bgr ? "BGR" : "RGB")}, {(ChannelsLast ? "NHWC" : "NCHW")}";
        if (MeanImage is not null) return $"{size}, {order}, 0 to 255 minus a mean image";
        return Spec == Pixels(Spec.Height, Spec.Width) ? $"{size}, {order}, 0 to 255"
            : $"{size}, {order}, 0 to 1, mean {List(Spec.Mean)}, deviation {List(Spec.Std)}";
    }
}
