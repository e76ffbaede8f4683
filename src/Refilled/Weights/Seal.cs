using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>A checksum of all that a safetensors file says, in its own metadata: no flipped bit goes unseen.</summary>
/// <remarks>SHA-256 over the other metadata and, in the header's order, each tensor's name, type, shape and SHA-256 of its bytes. Files
/// without one, older or of others, are read as they are.</remarks>
internal static class Seal
{
    /// <summary>The metadata's key.</summary>
    public const string Key = "sha256";

    /// <summary>The checksum (hex).</summary>
    /// <param name="metadata">The metadata; its own key is left out.</param>
    /// <param name="tensors">The tensors in the header's order, and the SHA-256 of each one's bytes.</param>
    public static string Of(IReadOnlyDictionary<string, string> metadata,
        IEnumerable<(string Name, ScalarType Type, long[] Shape, byte[] Digest)> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.Where(pair => pair.Key != Key).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, key);
            Add(hash, value);
        }
        Add(hash, "tensors");
        foreach (var (name, type, shape, digest) in tensors)
        {
            Add(hash, name);
            Add(hash, SafetensorsHeader.NameOf(type));
            Add(hash, string.Join(',', shape));
            hash.AppendData(digest);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The SHA-256 of a tensor's bytes, on whatever device it is.</summary>
    public static byte[] Digest(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in Safetensors.Pieces(tensor.detach().cpu().contiguous())) hash.AppendData(piece.bytes);
        return hash.GetHashAndReset();
    }

    /// <summary>A text with its length before it, so that two texts aren't like one.</summary>
    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
