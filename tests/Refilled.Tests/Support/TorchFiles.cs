using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>Makes files as <c>torch.save</c> does.</summary>
internal static class TorchFiles
{
    /// <summary>The members of a zip that holds some tensors.</summary>
    public static Dictionary<string, byte[]> Members(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var members = new Dictionary<string, byte[]> { ["w/data.pkl"] = Pickle(tensors), ["w/version"] = "3\n"u8.ToArray() };
        foreach (var (place, tensor) in tensors.Values.Index()) members[$"w/data/{place}"] = Bytes(tensor);
        return members;
    }

    public static byte[] Zip(IEnumerable<KeyValuePair<string, byte[]>> members, CompressionLevel packed = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in members)
            {
                using var entry = archive.CreateEntry(name, packed).Open();
                entry.Write(bytes);
            }
        return stream.ToArray();
    }

    /// <summary>The form of before PyTorch 1.6.</summary>
    public static byte[] Legacy(byte[] pickle, IReadOnlyList<byte[]> storages, int bytesOfNumber = 4, long version = 1001,
        bool little = true)
    {
        using var stream = new MemoryStream();
        var magic = BigInteger.Parse("119547037146038801333356").ToByteArray();
        stream.Write(TorchPickle.Of(p => p.Raw(0x8a, (byte)magic.Length).Raw(magic)));
        stream.Write(TorchPickle.Of(p => p.Number(version)));
        stream.Write(TorchPickle.Of(p => p.Plain("}").Text("little_endian").Raw(little ? (byte)0x88 : (byte)0x89).Raw('s')));
        stream.Write(pickle);
        stream.Write(TorchPickle.Of(p =>
        {
            p.Plain("](");
            for (var i = 0; i < storages.Count; i++) p.Text($"{i}");
            p.Raw('e');
        }));
        foreach (var storage in storages)
        {
            stream.Write(BitConverter.GetBytes((long)storage.Length / bytesOfNumber));
            stream.Write(storage);
        }
        return stream.ToArray();
    }

    public static byte[] Pickle(IReadOnlyDictionary<string, Tensor> tensors) =>
        TorchPickle.Of(p => p.Dictionary([.. tensors.Index().Select(one =>
            (one.Item.Key, (Action<TorchPickle>)(q => q.Tensor($"{one.Index}", one.Item.Value.shape))))]));

    /// <summary>The numbers of a tensor in fp32.</summary>
    public static byte[] Bytes(Tensor tensor) =>
        MemoryMarshal.AsBytes<float>(tensor.to(ScalarType.Float32).contiguous().data<float>().ToArray()).ToArray();
}
