using System.Security.Cryptography;
using System.Text;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>CIFAR-100 in either official format (binary or Python): the .tar.gz itself, or its unpacked folder.</summary>
/// <remarks>Krizhevsky, 2009; cs.toronto.edu/~kriz/cifar.html.</remarks>
internal static class Cifar100
{
    /// <summary>Bytes of an image: three planes.</summary>
    public const int ImageBytes = 3 * Side * Side;

    private const int Side = 32;

    /// <summary>Largest file that is read: the official train.bin has 154 MB, so this leaves room without inviting a flood.</summary>
    private const long LargestFile = 1L << 30;

    /// <summary>256 names at most, so this is roomy as well.</summary>
    private const long LargestNames = 1L << 20;

    private static readonly string[] OfficialMd5 = [Fetch.OfficialArchives.Find("cifar100").Md5, "eb9058c3a382ffc7106e4002c42a8d85"];

    /// <exception cref="InputException">The path is missing, or what it holds is not CIFAR-100.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        if (options.ImageSize is not (null or Side))
            throw new InputException($"CIFAR-100 has images of {Side}×{Side} pixels; leave --image-size out.");
        using var tree = FileTree.Open(path, "CIFAR-100", cancel);
        var python = tree.RootOf(CifarBinary.TrainFile) is null && tree.RootOf(CifarPython.MetaFile) is not null;
        var files = ReadFiles(tree, python ? CifarPython.Files : CifarBinary.Files, cancel);
        string Where(string name) => $"{path}: {name}";
        var (train, test, fine, coarse) = python
            ? (CifarPython.Part(files[CifarPython.TrainFile], Where(CifarPython.TrainFile)),
                CifarPython.Part(files[CifarPython.TestFile], Where(CifarPython.TestFile)),
                Names(CifarPython.Names(files[CifarPython.MetaFile], "fine_label_names", Where(CifarPython.MetaFile)),
                    Where("fine_label_names")),
                Names(CifarPython.Names(files[CifarPython.MetaFile], "coarse_label_names", Where(CifarPython.MetaFile)),
                    Where("coarse_label_names")))
            : (CifarBinary.Part(files[CifarBinary.TrainFile], Where(CifarBinary.TrainFile)),
                CifarBinary.Part(files[CifarBinary.TestFile], Where(CifarBinary.TestFile)),
                Names(CifarBinary.Names(files[CifarBinary.FineFile]), Where(CifarBinary.FineFile)),
                Names(CifarBinary.Names(files[CifarBinary.CoarseFile]), Where(CifarBinary.CoarseFile)));
        return Build(train, test, fine, coarse, Notes(path, cancel), cancel);
    }

    private static Dictionary<string, byte[]> ReadFiles(FileTree tree, string[] wanted, CancellationToken cancel)
    {
        var root = tree.RootOf(wanted[0]);
        if (root is null || wanted.FirstOrDefault(name => !tree.Names.Contains(root + name)) is not null)
            throw new InputException($"'{tree.Path}' lacks {wanted.First(name => root is null || !tree.Names.Contains(root + name))}; "
                + $"CIFAR-100's binary version has {string.Join(", ", CifarBinary.Files)}, "
                + $"its Python version {string.Join(", ", CifarPython.Files)}.");
        var files = new Dictionary<string, byte[]>();
        static bool OfNames(string name) =>
            name.EndsWith(".txt", StringComparison.Ordinal) || name.EndsWith(CifarPython.MetaFile, StringComparison.Ordinal);
        tree.Read(wanted.Select(name => root + name).ToHashSet(), (name, content) => files[name[root.Length..]] = content,
            name => OfNames(name) ? LargestNames : LargestFile, cancel: cancel);
        return files;
    }

    private static Dataset Build(CifarPart train, CifarPart test, string[] fine, string[] coarse, IReadOnlyList<string> notes,
        CancellationToken cancel)
    {
        var groupOf = Enumerable.Repeat(-1, fine.Length).ToArray();
        // One store for both: a sample id names one image of the source, whether it trains or tests.
        var store = new ImageStore(train.Fine.Length + test.Fine.Length, new ImageShape(3, Side, Side));
        var trainSet = Fill(train, store, 0, fine, coarse, groupOf);
        if (Array.IndexOf(groupOf, -1) is >= 0 and var absent)
            throw new InputException($"{train.Where} has no image of the class '{fine[absent]}'; "
                + $"{CifarBinary.FineFile} names {fine.Length} classes.");
        if (Enumerable.Range(0, coarse.Length).Except(groupOf).ToArray() is [var idle, ..])
            throw new InputException($"{train.Where} has no class of the group '{coarse[idle]}'; "
                + $"{CifarBinary.CoarseFile} names {coarse.Length} groups.");
        var testSet = Fill(test, store, train.Fine.Length, fine, coarse, groupOf);
        return new Dataset("cifar100", trainSet, testSet, new ClassGroups(coarse, groupOf), Hash(train, test, fine, coarse, cancel), notes)
        {
            Statistics = ChannelStatistics.Cifar100,
        };
    }

    private static ImageSet Fill(CifarPart part, ImageStore store, int firstId, string[] fine, string[] coarse, int[] groupOf)
    {
        for (var i = 0; i < part.Fine.Length; i++)
        {
            var (group, label) = (part.Coarse[i], part.Fine[i]);
            if (group >= coarse.Length || label >= fine.Length)
                throw new InputException($"{part.Where} is corrupt: record {i} has the labels {group} (of {coarse.Length}) and "
                    + $"{label} (of {fine.Length}).");
            if (groupOf[label] >= 0 && groupOf[label] != group)
                throw new InputException($"{part.Where} is corrupt: record {i} puts the class '{fine[label]}' into '{coarse[group]}', "
                    + $"an earlier one into '{coarse[groupOf[label]]}'.");
            groupOf[label] = group;
            part.PixelsOf(i).Span.CopyTo(store.Write(firstId + i));
        }
        return new ImageSet(store, [.. Enumerable.Range(firstId, part.Fine.Length).Select(id => (long)id)], part.Fine, fine);
    }

    private static string[] Names(string[] names, string where)
    {
        if (names.Length == 0) throw new InputException($"{where} holds no names.");
        if (names.Length > 256) throw new InputException($"{where} holds {names.Length} names; labels are single bytes.");
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"{where} holds the name '{twice.Key}' twice.");
        return names;
    }

    /// <summary>A remark where an archive isn't the published one. Its content may be the same in another order.</summary>
    private static List<string> Notes(string path, CancellationToken cancel)
    {
        if (!File.Exists(path)) return [];
        using var stream = new StoppableStream(File.OpenRead(path), cancel);
#pragma warning disable CA5351 // The publisher gives no other checksum; nothing is trusted for it.
        var digest = Convert.ToHexStringLower(MD5.HashData(stream));
#pragma warning restore CA5351
        return OfficialMd5.Contains(digest)
            ? []
            : [$"The archive's checksum is not the official file's (MD5 {digest}, official {string.Join(" or ", OfficialMd5)})."];
    }

    /// <summary>Of the content as the binary version writes it, so that both versions have the same.</summary>
    private static string Hash(CifarPart train, CifarPart test, string[] fine, string[] coarse, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { train, test })
        {
            hash.AppendData(BitConverter.GetBytes((long)part.Fine.Length * (2 + ImageBytes)));
            for (var i = 0; i < part.Fine.Length; i++)
            {
                cancel.ThrowIfCancellationRequested();
                hash.AppendData([(byte)part.Coarse[i], (byte)part.Fine[i]]);
                hash.AppendData(part.PixelsOf(i).Span);
            }
        }
        foreach (var names in new[] { fine, coarse })
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + "\n")));
            hash.AppendData(BitConverter.GetBytes((long)text.Length));
            hash.AppendData(text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>Training or test images of CIFAR-100, however they were written.</summary>
/// <param name="Where">The file, for messages.</param>
/// <param name="Coarse">The group of each image.</param>
/// <param name="Fine">The class of each image.</param>
/// <param name="PixelsOf">Planes of an image, <c>[3, 32, 32]</c>.</param>
internal sealed record CifarPart(string Where, int[] Coarse, int[] Fine, Func<int, ReadOnlyMemory<byte>> PixelsOf);

/// <summary>CIFAR-100's binary version.</summary>
/// <remarks>Records of one coarse label, one fine label, and 3 × 32 × 32 pixels in planes; names in text files.</remarks>
internal static class CifarBinary
{
    public const string TrainFile = "train.bin", TestFile = "test.bin", FineFile = "fine_label_names.txt",
        CoarseFile = "coarse_label_names.txt";

    private const int RecordBytes = 2 + Cifar100.ImageBytes;

    public static readonly string[] Files = [TrainFile, TestFile, FineFile, CoarseFile];

    public static CifarPart Part(byte[] bytes, string where)
    {
        if (bytes.Length == 0) throw new InputException($"{where} is empty.");
        if (bytes.Length % RecordBytes != 0)
            throw new InputException($"{where} is truncated or corrupt: {bytes.Length} bytes are {bytes.Length % RecordBytes} over a "
                + $"multiple of {RecordBytes}.");
        var count = bytes.Length / RecordBytes;
        return new CifarPart(where, [.. Enumerable.Range(0, count).Select(i => (int)bytes[i * RecordBytes])],
            [.. Enumerable.Range(0, count).Select(i => (int)bytes[i * RecordBytes + 1])],
            i => bytes.AsMemory(i * RecordBytes + 2, Cifar100.ImageBytes));
    }

    public static string[] Names(byte[] bytes) =>
        Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>CIFAR-100's Python version: train, test and meta are pickles of dictionaries.</summary>
internal static class CifarPython
{
    public const string TrainFile = "train", TestFile = "test", MetaFile = "meta";

    public static readonly string[] Files = [TrainFile, TestFile, MetaFile];

    public static CifarPart Part(byte[] bytes, string where)
    {
        var content = Content(bytes, where);
        if (content.GetValueOrDefault("data") is not PickledArray { Shape: [var count, Cifar100.ImageBytes] } pixels)
            throw new InputException($"{where} has no 'data' of {Cifar100.ImageBytes} bytes for each image.");
        var (coarse, fine) = (Labels(content, "coarse_labels", where), Labels(content, "fine_labels", where));
        if (count == 0) throw new InputException($"{where} is empty.");
        if (coarse.Length != count || fine.Length != count)
            throw new InputException($"{where}: labels and images don't match: {count} images, "
                + $"{fine.Length} fine and {coarse.Length} coarse labels.");
        return new CifarPart(where, coarse, fine, i => pixels.Bytes.Slice(i * Cifar100.ImageBytes, Cifar100.ImageBytes));
    }

    public static string[] Names(byte[] bytes, string key, string where) =>
        [.. List(Content(bytes, where), key, where).Select(name => name switch
        {
            string text => text,
            ReadOnlyMemory<byte> raw => Encoding.UTF8.GetString(raw.Span),
            _ => throw new InputException($"{where}: '{key}' must hold names alone."),
        })];

    private static int[] Labels(Dictionary<string, object?> content, string key, string where) =>
        [.. List(content, key, where).Select(label => label is >= 0L and <= 255L and long value
            ? (int)value
            : throw new InputException($"{where}: '{key}' must hold numbers from 0 to 255 alone."))];

    private static List<object?> List(Dictionary<string, object?> content, string key, string where) =>
        content.GetValueOrDefault(key) as List<object?> ?? throw new InputException($"{where} has no list '{key}'.");

    private static Dictionary<string, object?> Content(byte[] bytes, string where) =>
        PickleReader.Read(bytes, where) as Dictionary<string, object?> ?? throw new InputException($"{where} holds no dictionary.");
}
