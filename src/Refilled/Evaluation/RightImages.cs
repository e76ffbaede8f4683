namespace Refilled.Evaluation;

/// <summary>Which images of a set were classified right, as a short text.</summary>
/// <remarks>Base64 of a bit for each, the first in the lowest bit of the first byte.</remarks>
internal static class RightImages
{
    /// <summary>Writes the bits.</summary>
    public static string Encode(IReadOnlyList<bool> right)
    {
        var bytes = new byte[(right.Count + 7) / 8];
        for (var i = 0; i < right.Count; i++)
            if (right[i]) bytes[i / 8] |= (byte)(1 << (i % 8));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads the bits of a number of images.</summary>
    /// <exception cref="FormatException">The text isn't of that many bits.</exception>
    public static IReadOnlyList<bool> Decode(string text, int count)
    {
        var bytes = Convert.FromBase64String(text);
        if (bytes.Length != (count + 7) / 8)
            throw new FormatException($"It holds {bytes.Length} bytes, not a bit for each of {count} images.");
        if (count % 8 != 0 && bytes[^1] >> (count % 8) != 0) throw new FormatException($"It has bits beyond the last of {count} images.");
        return [.. Enumerable.Range(0, count).Select(i => (bytes[i / 8] >> (i % 8) & 1) == 1)];
    }
}
