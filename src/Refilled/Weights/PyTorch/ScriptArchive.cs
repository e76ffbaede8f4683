using System.IO.Compression;
using Refilled.Files;

namespace Refilled.Weights.PyTorch;

/// <summary>What can be found wrong with a TorchScript archive before the engine's own reader sees it.</summary>
/// <remarks>That reader takes the sizes of storages on trust. Code is another matter: it is a program, and runs.</remarks>
internal static class ScriptArchive
{
    /// <summary>The most bytes that a packed member, which is code, may have.</summary>
    private const int LargestCode = 1 << 26;

    /// <summary>The most bytes of a pickle.</summary>
    private const int LargestPickle = 1 << 28;

    /// <summary>Checks the archive's members, their checksums, and that every tensor lies within its storage.</summary>
    /// <exception cref="InputException">It is truncated or damaged.</exception>
    public static void Check(string file)
    {
        try
        {
            using var archive = ZipFile.OpenRead(file);
            Check(archive, file);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or OverflowException
            or FormatException || Disk.Refuses(e))
        {
            throw new InputException($"The TorchScript program '{file}' is truncated or damaged: {e.Message.TrimEnd('.')}. "
                + "Fetch or export it again.", e);
        }
    }

    private static void Check(ZipArchive archive, string file)
    {
        var bytes = new FileInfo(file).Length;
        var members = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
            if (!members.TryAdd(entry.FullName, entry)) throw new FormatException($"'{entry.FullName}' stands twice");
        var root = members.Keys.First(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal))[..^"constants.pkl".Length];
        foreach (var needed in new[] { "data.pkl", "version" })
            if (!members.ContainsKey(root + needed)) throw new FormatException($"'{needed}' is missing");
        if (!members.Keys.Any(name => name.StartsWith(root + "code/", StringComparison.Ordinal)))
            throw new FormatException("it has no code");
        long taken = 0;
        foreach (var (name, entry) in members)
        {
            // PyTorch packs code alone.
            if (entry.CompressedLength != entry.Length
                && (!name.StartsWith(root + "code/", StringComparison.Ordinal) || entry.Length > LargestCode))
                throw new FormatException($"'{name}' is packed");
            if ((taken += entry.CompressedLength) > bytes) throw new FormatException("its members claim more bytes than it has");
            CheckSum(entry);
        }
        foreach (var (pickle, storages) in new[] { ("data.pkl", "data/"), ("constants.pkl", "constants/") })
            CheckTensors(members, root, pickle, storages, file);
    }

    private static void CheckSum(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var sum = new Crc32();
        var buffer = new byte[1 << 16];
        long length = 0;
        for (int read; length <= entry.Length && (read = stream.Read(buffer)) > 0; length += read) sum.Add(buffer.AsSpan(0, read));
        if (length != entry.Length || sum.Value != entry.Crc32)
            throw new FormatException($"'{entry.FullName}' has another checksum than it should");
    }

    private static void CheckTensors(Dictionary<string, ZipArchiveEntry> members, string root, string pickle, string storages,
        string file)
    {
        var entry = members[root + pickle];
        if (entry.Length > LargestPickle) throw new FormatException($"'{pickle}' has {entry.Length} bytes");
        var bytes = new byte[entry.Length];
        using (var stream = entry.Open()) stream.ReadExactly(bytes);
        var words = new ScriptWords();
        PickleReader.Read(bytes, $"'{pickle}' of '{file}'", words, out _);
        foreach (var storage in words.Storages.Values)
        {
            var length = members.TryGetValue($"{root}{storages}{storage.Name}", out var member) ? member.Length : 0;
            if (length != storage.Bytes)
                throw new FormatException($"the storage '{storages}{storage.Name}' should have {storage.Bytes} bytes and has {length}");
        }
    }
}
