namespace Refilled.Files;

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
