using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Refilled.Data.Sources;

/// <summary>CIFAR-100 in its official binary format: the .tar.gz itself, or its unpacked folder. Records of one coarse
/// label, one fine label, and 3 × 32 × 32 pixels in planes.</summary>
/// <remarks>Krizhevsky, 2009; cs.toronto.edu/~kriz/cifar.html.</remarks>
internal static class Cifar100
{
    private const int Side = 32, ImageBytes = 3 * Side * Side, RecordBytes = 2 + ImageBytes;
    private const string TrainFile = "train.bin", TestFile = "test.bin", FineFile = "fine_label_names.txt", CoarseFile = "coarse_label_names.txt";
    private const string OfficialMd5 = "03b5dce01913d631647c71ecec9e9cb8";

    /// <summary>Largest file that is read: the official train.bin has 154 MB, so this leaves room without inviting a flood.</summary>
    private const long LargestFile = 1L << 30;

    /// <summary>256 names at most, so this is roomy as well.</summary>
    private const long LargestNames = 1L << 20;

    /// <summary>Deflate can't shrink anything further than 1032-fold, so an archive that claims more lies.</summary>
    private const long LargestRatio = 1032;

    private static readonly string[] Wanted = [TrainFile, TestFile, FineFile, CoarseFile];

    /// <exception cref="InputException">The path is missing, or what it holds is not CIFAR-100.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        if (options.ImageSize is not (null or Side)) throw new InputException($"CIFAR-100 has images of {Side}×{Side} pixels; leave --image-size out.");
        var notes = new List<string>();
        var files = Directory.Exists(path) ? ReadFolder(path) : File.Exists(path) ? ReadArchive(path, notes, cancel)
            : throw new InputException($"There is no CIFAR-100 at '{path}': name cifar-100-binary.tar.gz or its unpacked folder.");
        foreach (var name in Wanted)
            if (!files.ContainsKey(name)) throw new InputException($"'{path}' lacks {name}; CIFAR-100's binary version has {string.Join(", ", Wanted)}.");

        var fine = Names(files[FineFile], $"{path}: {FineFile}");
        var coarse = Names(files[CoarseFile], $"{path}: {CoarseFile}");
        var groupOf = Enumerable.Repeat(-1, fine.Length).ToArray();
        var (trainCount, testCount) = (CountRecords(files[TrainFile], $"{path}: {TrainFile}"), CountRecords(files[TestFile], $"{path}: {TestFile}"));
        // One store for both: a sample id names one image of the source, whether it trains or tests.
        var store = new ImageStore(trainCount + testCount, new ImageShape(3, Side, Side));
        var train = Records(files[TrainFile], $"{path}: {TrainFile}", store, 0, trainCount, fine, coarse, groupOf);
        if (Array.IndexOf(groupOf, -1) is >= 0 and var absent) throw new InputException($"{path}: {TrainFile} has no image of the class '{fine[absent]}'; {FineFile} names {fine.Length} classes.");
        if (Enumerable.Range(0, coarse.Length).Except(groupOf).ToArray() is [var idle, ..]) throw new InputException($"{path}: {TrainFile} has no class of the group '{coarse[idle]}'; {CoarseFile} names {coarse.Length} groups.");
        var test = Records(files[TestFile], $"{path}: {TestFile}", store, trainCount, testCount, fine, coarse, groupOf);
        return new Dataset("cifar100", train, test, new ClassGroups(coarse, groupOf), Hash(files), notes) { Statistics = ChannelStatistics.Cifar100 };
    }

    private static Dictionary<string, byte[]> ReadFolder(string path)
    {
        var folder = File.Exists(Path.Combine(path, TrainFile)) ? path : Path.Combine(path, "cifar-100-binary");
        var files = new Dictionary<string, byte[]>();
        foreach (var file in Wanted.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            try
            {
                CheckSize(folder, Path.GetFileName(file), new FileInfo(file).Length, LargestFile);
                files[Path.GetFileName(file)] = File.ReadAllBytes(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"'{file}' can't be read: {e.Message}", e);
            }
        }
        return files;
    }

    private static Dictionary<string, byte[]> ReadArchive(string path, List<string> notes, CancellationToken cancel)
    {
        var files = new Dictionary<string, byte[]>();
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length == 0) throw new InputException($"'{path}' is empty.");
#pragma warning disable CA5351 // The publisher gives no other checksum; nothing is trusted for it.
            var digest = Convert.ToHexStringLower(MD5.HashData(stream));
#pragma warning restore CA5351
            if (digest != OfficialMd5) notes.Add($"The archive's checksum is not the official file's (MD5 {digest}, official {OfficialMd5}).");
            stream.Position = 0;
            using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            using var archive = new TarReader(unpacked, leaveOpen: true);
            while (Next(archive) is { } entry)
            {
                cancel.ThrowIfCancellationRequested();
                var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
                if (!Wanted.Contains(name) || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
                CheckSize(path, name, entry.Length, Math.Min(LargestFile, stream.Length * LargestRatio));
                var bytes = new byte[entry.Length];
                entry.DataStream?.ReadExactly(bytes); // an empty file has no stream
                if (!files.TryAdd(name, bytes)) throw new InputException($"'{path}' holds {name} twice.");
            }
            // The stream's checksum comes last, and it is only compared by who reads as far.
            var rest = new byte[1 << 16];
            while (unpacked.Read(rest) > 0) cancel.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InputException($"'{path}' is truncated or no .tar.gz archive ({e.Message}). Download it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be read: {e.Message}", e);
        }
        return files;
    }

    private static string[] Names(byte[] bytes, string where)
    {
        var names = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length == 0) throw new InputException($"{where} holds no names.");
        if (names.Length > 256) throw new InputException($"{where} holds {names.Length} names; labels are single bytes.");
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new InputException($"{where} holds the name '{twice.Key}' twice.");
        return names;
    }

    /// <summary>The next entry. What a damaged header makes the reader throw (dates and sizes out of range) is damage too.</summary>
    private static TarEntry? Next(TarReader archive)
    {
        try
        {
            return archive.GetNextEntry();
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static void CheckSize(string where, string name, long length, long limit)
    {
        if (length > (name is FineFile or CoarseFile ? Math.Min(limit, LargestNames) : limit))
            throw new InputException($"'{where}': {name} has {length} bytes; that is no file of CIFAR-100.");
    }

    private static int CountRecords(byte[] bytes, string where)
    {
        if (bytes.Length == 0) throw new InputException($"{where} is empty.");
        if (bytes.Length % RecordBytes != 0) throw new InputException($"{where} is truncated or corrupt: {bytes.Length} bytes are {bytes.Length % RecordBytes} over a multiple of {RecordBytes}.");
        return bytes.Length / RecordBytes;
    }

    private static ImageSet Records(byte[] bytes, string where, ImageStore store, long firstId, int count, string[] fine, string[] coarse, int[] groupOf)
    {
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            var record = bytes.AsSpan(i * RecordBytes, RecordBytes);
            var (group, label) = (record[0], record[1]);
            if (group >= coarse.Length || label >= fine.Length) throw new InputException($"{where} is corrupt: record {i} has the labels {group} (of {coarse.Length}) and {label} (of {fine.Length}).");
            if (groupOf[label] >= 0 && groupOf[label] != group) throw new InputException($"{where} is corrupt: record {i} puts the class '{fine[label]}' into '{coarse[group]}', an earlier one into '{coarse[groupOf[label]]}'.");
            groupOf[label] = group;
            labels[i] = label;
            record[2..].CopyTo(store.Write(firstId + i));
        }
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => firstId + i)], labels, fine);
    }

    private static string Hash(Dictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in Wanted)
        {
            hash.AppendData(BitConverter.GetBytes((long)files[name].Length));
            hash.AppendData(files[name]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
