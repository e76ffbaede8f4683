using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>Numbers that lie outside a pickle, one after the other.</summary>
/// <param name="Name">What they are called there.</param>
/// <param name="Type">What each of them is.</param>
/// <param name="Count">How many there are.</param>
internal sealed record PickledStorage(string Name, ScalarType Type, long Count)
{
    /// <summary>The bytes that they take.</summary>
    public long Bytes => Count * SafetensorsHeader.BytesOf(Type);
}

/// <summary>A tensor of a pickle: a part of a storage, which may be shared.</summary>
/// <param name="Storage">Where its numbers lie.</param>
/// <param name="Offset">The place of the first.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Strides">How far one number is from the next, by dimension.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Most dimensions of a tensor: the engine's own limit for element-wise operations.</summary>
    private const int MostDimensions = 64;

    /// <summary>Numbers that it has.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Describes one that lies within its storage, and is no larger than that.</summary>
    /// <exception cref="FormatException">It isn't so.</exception>
    public static PickledTensor Within(PickledStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MostDimensions)
            throw new FormatException($"a tensor of '{storage.Name}' has {shape.Length} sizes and {strides.Length} strides");
        var (sizes, steps) = (Numbers(storage, shape), Numbers(storage, strides));
        if (offset < 0 || offset > storage.Count) throw Outside(storage);
        long count = 1, last = offset;
        try
        {
            checked
            {
                foreach (var size in sizes) count *= Math.Max(size, 1);
                for (var i = 0; i < sizes.Length; i++) last += Math.Max(sizes[i] - 1, 0) * steps[i];
            }
        }
        catch (OverflowException)
        {
            throw new FormatException($"a tensor of '{storage.Name}' has an absurd shape");
        }
        // One that repeats numbers could be any size.
        if (count > storage.Count && !sizes.Contains(0))
            throw new FormatException($"a tensor of '{storage.Name}' has {count} numbers, but its storage has {storage.Count}");
        if (last >= storage.Count && !sizes.Contains(0)) throw Outside(storage);
        return new PickledTensor(storage, offset, sizes, steps);
    }

    private static long[] Numbers(PickledStorage storage, object?[] values) =>
    [
        .. values.Select(value => value is long and >= 0 and var number
            ? number
            : throw new FormatException($"a tensor of '{storage.Name}' has a size or stride that is no whole number of at least 0")),
    ];

    private static FormatException Outside(PickledStorage storage) =>
        new($"a tensor of '{storage.Name}' reaches beyond its {storage.Count} numbers");
}
