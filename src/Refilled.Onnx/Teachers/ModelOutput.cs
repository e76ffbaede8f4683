using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Refilled.Onnx.Teachers;

/// <summary>What a model gives for some images.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Shape">Its sides, the images first.</param>
/// <param name="Numbers">Its numbers, image after image.</param>
internal sealed record ModelOutput(string Name, long[] Shape, float[] Numbers)
{
    /// <summary>How many images there are.</summary>
    public int Images => (int)Shape[0];

    /// <summary>Numbers of a row once the places of a map are averaged.</summary>
    /// <remarks>Of <c>[N, c, h, w]</c> and of <c>[N, tokens, d]</c> those are pooled.</remarks>
    public int Width => Shape switch
    {
        [_, var d] => (int)d,
        [_, _, var d] => (int)d,
        [_, var c, 1, 1] => (int)c,
        [_, 1, 1, var c] => (int)c,
        [_, var c, _, _] => (int)c,
        _ => 0,
    };

    /// <summary>Copies what ONNX Runtime gave.</summary>
    /// <exception cref="OnnxRuntimeException">It is no tensor of numbers.</exception>
    public static ModelOutput Of(OrtValue value, string name)
    {
        var info = value.GetTensorTypeAndShape();
        return new ModelOutput(name, info.Shape, info.ElementDataType switch
        {
            TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            TensorElementType.Float16 => Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), one => (float)one),
            TensorElementType.Double => Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), one => (float)one),
            _ => [],
        });
    }

    /// <summary>What is wrong with it as signals of some images; null where nothing is.</summary>
    public string? Misfit(int images) => Numbers.Length == 0 ? $"the tensor '{Name}' holds no fp32 numbers"
        : Shape.Length is < 2 or > 4 || Shape[0] != images || Width < 1
            ? $"the tensor '{Name}' is [{string.Join(", ", Shape)}] for {images} images, and not [N, d] or [N, c, h, w]" : null;

    /// <summary>Those of the first images.</summary>
    public ModelOutput First(int images) => Shape is [var all, .. var rest] && all > images
        ? new ModelOutput(Name, [images, .. rest], Numbers[..(int)(Numbers.Length / all * images)]) : this;

    /// <summary>A row for each image: <c>[N, d]</c>, maps pooled to their mean.</summary>
    public float[] Rows()
    {
        if (Numbers.Length == (long)Images * Width) return Numbers;
        // Tokens stand one after the other, planes of a map one beside the other.
        var (width, places) = (Width, Numbers.Length / Images / Width);
        var (ofPlace, ofChannel) = Shape.Length == 3 ? (width, 1) : (1, places);
        var rows = new float[Images * width];
        for (var image = 0; image < Images; image++)
            for (var channel = 0; channel < width; channel++)
            {
                double sum = 0;
                for (var place = 0; place < places; place++) sum += Numbers[image * width * places + channel * ofChannel + place * ofPlace];
                rows[image * width + channel] = (float)(sum / places);
            }
        return rows;
    }

    /// <summary>Whether two are the same to a part of the largest number.</summary>
    public bool IsNear(ModelOutput other, double tolerance)
    {
        if (!Shape.SequenceEqual(other.Shape)) return false;
        var largest = Math.Max(1e-6, other.Numbers.Max(one => Math.Abs((double)one)));
        return Numbers.Zip(other.Numbers, (a, b) => Math.Abs((double)a - b)).All(difference => difference <= tolerance * largest);
    }

    /// <summary>Those of several groups of images as one.</summary>
    public static ModelOutput Join(IReadOnlyList<ModelOutput> parts) => parts is [var only] ? only
        : new ModelOutput(parts[0].Name, [parts.Sum(part => part.Shape[0]), .. parts[0].Shape[1..]],
            [.. parts.SelectMany(part => part.Numbers)]);
}
