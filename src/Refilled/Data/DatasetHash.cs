using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Refilled.Data;

/// <summary>The hash of a source's content: class names, and of each part the labels and decoded pixels.</summary>
internal static class DatasetHash
{
    public static string Of(params ReadOnlySpan<ImageSet?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part?.Count ?? -1));
            if (part is null) continue;
            foreach (var name in part.ClassNames) hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            hash.AppendData(MemoryMarshal.AsBytes<int>(part.Labels.ToArray()));
            foreach (var id in part.SampleIds)
            {
                var shape = part.Store.ShapeOf(id);
                hash.AppendData(MemoryMarshal.AsBytes<int>([shape.Channels, shape.Height, shape.Width]));
                part.Store.AppendTo(hash, id);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
