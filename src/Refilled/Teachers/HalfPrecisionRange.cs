using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Whether embeddings can be kept in fp16.</summary>
internal static class HalfPrecisionRange
{
    /// <summary>The most that a row may be off by, of its length: twice what rounding makes within fp16's range.</summary>
    private const double Most = 1.0 / 1024;

    /// <summary>The first row that can't be kept, and why; null where all can.</summary>
    /// <param name="embeddings">fp32 <c>[B, d]</c> on the CPU, contiguous and finite.</param>
    /// <param name="kept">The same as fp16.</param>
    public static (int Row, string Why)? Misfit(Tensor embeddings, Tensor kept)
    {
        using var widened = kept.to(ScalarType.Float32);
        var exact = MemoryMarshal.Cast<byte, float>(embeddings.bytes);
        var rounded = MemoryMarshal.Cast<byte, float>(widened.bytes);
        var columns = (int)embeddings.shape[1];
        for (var row = 0; row < embeddings.shape[0]; row++)
        {
            double length = 0, error = 0;
            for (var i = row * columns; i < (row + 1) * columns; i++)
            {
                if (!float.IsFinite(rounded[i]))
                    return (row, string.Create(CultureInfo.InvariantCulture, $"holds {exact[i]:G6}, and fp16 ends at 65504"));
                var off = (double)exact[i] - rounded[i];
                (length, error) = (length + (double)exact[i] * exact[i], error + off * off);
            }
            if (Math.Sqrt(error) > Most * Math.Sqrt(length))
                return (row, string.Create(CultureInfo.InvariantCulture, $"has the length {Math.Sqrt(length):G3}, too little for fp16: "
                    + $"it would be off by {100 * Math.Sqrt(error / length):0.0} %"));
        }
        return null;
    }
}
