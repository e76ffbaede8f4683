using System.Buffers.Binary;
using System.Numerics;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>Files that <c>torch.save</c> wrote before PyTorch 1.6: five pickles, then the storages, one after the other.</summary>
/// <remarks>A magic number, a version, the machine, the object, and the names of the storages in the order in which they follow, each
/// behind its count.</remarks>
internal static class LegacyWeights
{
    private const long Version = 1001;

    /// <summary>The most bytes that the pickles may take: they hold names and sizes alone.</summary>
    private const int LargestPickles = 1 << 26;

    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356");

    /// <summary>Reads the table.</summary>
    /// <inheritdoc cref="WeightTable.Open"/>
    public static WeightTable Open(string path, string? part) => Disk.Try(() =>
    {
        var bytes = Beginning(path);
        var at = 0;
        object? Next(PickleWords words)
        {
            var read = PickleReader.Read(bytes.AsMemory(at), $"'{path}'", words, out var length);
            at += length;
            return read;
        }
        var plain = new NumpyWords();
        if (Next(plain) is not BigInteger magic || magic != Magic || Next(plain) is not Version)
            throw new InputException($"'{path}' is no file of PyTorch's: it doesn't begin as those do.");
        if (Next(plain) is not Dictionary<string, object?> machine || machine.GetValueOrDefault("little_endian") is not true)
            throw new InputException($"'{path}' was written on a machine whose numbers begin with the large end; "
                + "save it again on another.");
        var words = new TorchWords();
        var root = Next(words);
        if (Next(plain) is not List<object?> names)
            throw new InputException($"'{path}' is damaged: the list of its storages is missing.");
        long start = at;
        var order = names.Select(name => name is string text && words.Storages.TryGetValue(text, out var storage) ? storage
            : throw new InputException(
                $"'{path}' is damaged: no tensor of it lies in the storage '{name}', which should follow.")).ToList();
        return PickledWeights.Table(path, root, part, storages => Disk.Try(() => Fill(path, start, order, storages), Refused(path)));
    }, Refused(path));

    private static void Fill(string path, long start, List<PickledStorage> order, IReadOnlyDictionary<PickledStorage, Tensor> storages)
    {
        using var stream = File.OpenRead(path);
        var count = new byte[sizeof(long)];
        stream.Position = start;
        var missing = storages.Keys.ToHashSet();
        foreach (var storage in order)
        {
            if (missing.Count == 0) return;
            stream.ReadExactly(count);
            var claimed = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (claimed != storage.Count)
                throw new InputException(
                    $"'{path}' is damaged: the storage '{storage.Name}' should have {storage.Count} numbers and claims {claimed}.");
            if (!missing.Remove(storage))
            {
                stream.Position += storage.Bytes;
                continue;
            }
            foreach (var piece in Safetensors.Pieces(storages[storage]))
                using (piece)
                    stream.ReadExactly(piece.bytes);
        }
        if (missing.Count > 0)
            throw new InputException($"'{path}' is damaged: the storage '{missing.First().Name}' of its tensors is missing.");
    }

    private static byte[] Beginning(string path)
    {
        using var stream = File.OpenRead(path);
        var bytes = new byte[Math.Min(stream.Length, LargestPickles)];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Func<Exception, Exception> Refused(string path) =>
        e => new InputException($"'{path}' is truncated or can't be read: {e.Message}", e);
}
