using System.Text;

namespace Refilled.Files;

/// <summary>The names that numpy's arrays of bytes are written with, and bytes themselves.</summary>
internal class NumpyWords : PickleWords
{
    private enum Word { Reconstruct, Array, Type, Encode }

    public override string Subject => "plain data";

    public override object? Named(string module, string name) => (module, name) switch
    {
        ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => Word.Reconstruct,
        ("numpy", "ndarray") => Word.Array,
        ("numpy", "dtype") => Word.Type,
        ("_codecs", "encode") => Word.Encode,
        _ => null,
    };

    public override object? Called(object? callee, object?[] arguments) => (callee, arguments) switch
    {
        (Word.Reconstruct, [Word.Array, ..]) => new PickledArray(),
        (Word.Type, [var name, ..]) => new PickledType(name is ReadOnlyMemory<byte> bytes
            ? Encoding.Latin1.GetString(bytes.Span)
            : name as string ?? throw new FormatException("an array's type has no name")),
        // How Python 3 writes bytes for Python 2: as text of which each character is a byte.
        (Word.Encode, [string text, ..]) => new ReadOnlyMemory<byte>(Encoding.Latin1.GetBytes(text)),
        _ => null,
    };

    public override bool Described(object target, object? state)
    {
        if (target is PickledType) return true; // byte order and the like, which a type of one byte hasn't
        if (target is not PickledArray { Shape.Count: 0 } array || state is not object?[] { Length: 5 } parts
            || parts is not [_, object?[] shape, PickledType type, var fortran, ReadOnlyMemory<byte> bytes] || fortran is not (false or 0L))
            throw new FormatException("an array is not described as numpy does");
        if (type.Name.TrimStart('|', '<', '=') is not "u1")
            throw new FormatException($"an array has the type {type.Name}; only bytes (u1) are read");
        var product = 1L;
        foreach (var side in shape)
        {
            if (side is not long length || length < 0 || length > bytes.Length)
                throw new FormatException("an array has an impossible shape");
            product *= length;
            if (product > bytes.Length) break;
        }
        if (shape.Length == 0 || product != bytes.Length)
            throw new FormatException($"an array of {bytes.Length} bytes doesn't have the shape ({string.Join(", ", shape)})");
        (array.Type, array.Shape, array.Bytes) = ("u1", [.. shape.Select(side => (long)side!)], bytes);
        return true;
    }
}

/// <summary>A type of numpy's, by its name.</summary>
internal sealed record PickledType(string Name);

/// <summary>A numpy array as it stands in a pickle.</summary>
internal sealed class PickledArray
{
    /// <summary>numpy's name for the type without its byte order: "u1" is uint8.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its shape; empty until the pickle has described it.</summary>
    public IReadOnlyList<long> Shape { get; set; } = [];

    /// <summary>The elements, in C order; a part of the pickle's own bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }
}
