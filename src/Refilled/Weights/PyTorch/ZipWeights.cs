using System.IO.Compression;
using System.Text;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>Files that <c>torch.save</c> has written since PyTorch 1.6: a zip of a pickle, and of a member for each storage.</summary>
internal static class ZipWeights
{
    /// <summary>Reads the table.</summary>
    /// <inheritdoc cref="WeightTable.Open"/>
    public static WeightTable Open(string path, string? part) => Within(path, archive =>
    {
        var (members, root) = Members(path, archive);
        if (members.TryGetValue("byteorder", out var order) && Encoding.Latin1.GetString(Bytes(path, order)).Trim() == "big")
            throw new InputException($"'{path}' was written on a machine whose numbers begin with the large end; "
                + "save it again on another.");
        var words = new TorchWords();
        var pickled = PickleReader.Read(Bytes(path, members["data.pkl"]), $"'{path}'", words, out _);
        return PickledWeights.Table(path, pickled, part, storages => Fill(path, storages));
    });

    private static void Fill(string path, IReadOnlyDictionary<PickledStorage, Tensor> storages) => Within(path, archive =>
    {
        var (members, _) = Members(path, archive);
        foreach (var (storage, target) in storages)
        {
            if (!members.TryGetValue($"data/{storage.Name}", out var member))
                throw new InputException($"'{path}' is damaged: the storage '{storage.Name}' of its tensors is missing.");
            if (member.Length != storage.Bytes)
                throw new InputException($"'{path}' is damaged: the storage '{storage.Name}' should have {storage.Bytes} bytes "
                    + $"and has {member.Length}.");
            using var stream = member.Open();
            var sum = new Crc32();
            foreach (var piece in Safetensors.Pieces(target))
                using (piece)
                {
                    stream.ReadExactly(piece.bytes);
                    sum.Add(piece.bytes);
                }
            if (sum.Value != member.Crc32)
                throw new InputException($"'{path}' is damaged: the storage '{storage.Name}' has another checksum than it should.");
        }
        return true;
    });

    /// <summary>The archive's members by their names within its one folder.</summary>
    private static (Dictionary<string, ZipArchiveEntry> Members, string Root) Members(string path, ZipArchive archive)
    {
        var pickle = archive.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new InputException($"'{path}' is a zip archive without weights of PyTorch: it has no data.pkl.");
        var root = pickle.FullName[..^"data.pkl".Length];
        var members = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.StartsWith(root, StringComparison.Ordinal)))
        {
            if (!members.TryAdd(entry.FullName[root.Length..], entry))
                throw new InputException($"'{path}' is damaged: it has two members called '{entry.FullName}'.");
            // PyTorch packs nothing, so that what a member claims can be held against the file.
            if (entry.CompressedLength != entry.Length)
                throw new InputException($"'{path}' is no file of PyTorch's: its member '{entry.FullName}' is packed.");
            bytes += entry.Length;
        }
        if (bytes > new FileInfo(path).Length)
            throw new InputException($"'{path}' is damaged: its members claim {bytes} bytes, more than the file has.");
        return (members, root);
    }

    private static byte[] Bytes(string path, ZipArchiveEntry entry)
    {
        if (entry.Length > Array.MaxLength)
            throw new InputException($"'{path}' can't be read: its member '{entry.FullName}' is too large.");
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        var sum = new Crc32();
        sum.Add(bytes);
        return sum.Value == entry.Crc32 ? bytes
            : throw new InputException($"'{path}' is damaged: its member '{entry.FullName}' has another checksum than it should.");
    }

    private static T Within<T>(string path, Func<ZipArchive, T> work)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            return work(archive);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or OverflowException
            || Disk.Refuses(e))
        {
            throw new InputException($"'{path}' is truncated or damaged: as a zip archive it can't be read ({e.Message}). "
                + "Fetch it again.", e);
        }
    }
}
