using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Refilled.Tests.Support;

/// <summary>A made-up archive in CIFAR-100's binary format. Classes differ in colour and stripes, so that a small network
/// can learn them; every byte is a function of the arguments.</summary>
internal static class TinyCifar
{
    public const int RecordBytes = 3074;

    /// <summary>The four files, by name.</summary>
    public static Dictionary<string, byte[]> Files(int classes = 8, int trainPerClass = 20, int testPerClass = 5) => new()
    {
        ["train.bin"] = Records(classes, trainPerClass, 0),
        ["test.bin"] = Records(classes, testPerClass, 10_000),
        ["fine_label_names.txt"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, classes).Select(c => $"class{c}\n"))),
        ["coarse_label_names.txt"] = Encoding.UTF8
            .GetBytes(string.Concat(Enumerable.Range(0, (classes + 1) / 2).Select(c => $"group{c}\n"))),
    };

    /// <summary>Writes the files as a .tar.gz and returns its path.</summary>
    public static string Archive(string path, Dictionary<string, byte[]> files, string folder = "cifar-100-binary",
        CompressionLevel level = CompressionLevel.Fastest)
    {
        using var stream = File.Create(path);
        using var gzip = new GZipStream(stream, level);
        gzip.Write(Tar(files, folder));
        return path;
    }

    /// <summary>The files as a .tar.</summary>
    public static byte[] Tar(Dictionary<string, byte[]> files, string folder = "cifar-100-binary")
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{folder}/{name}") { DataStream = new MemoryStream(bytes) });
        }
        return stream.ToArray();
    }

    /// <summary>Writes the files into a folder and returns its path.</summary>
    public static string Folder(string path, Dictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(path);
        foreach (var (name, bytes) in files) File.WriteAllBytes(Path.Combine(path, name), bytes);
        return path;
    }

    private static byte[] Records(int classes, int perClass, int offset)
    {
        var bytes = new byte[classes * perClass * RecordBytes];
        for (var i = 0; i < classes * perClass; i++)
        {
            var label = i % classes;
            var record = bytes.AsSpan(i * RecordBytes, RecordBytes);
            record[0] = (byte)(label / 2);
            record[1] = (byte)label;
            for (var p = 0; p < 3072; p++)
            {
                var (plane, x, y) = (p / 1024, p % 32, p / 32 % 32);
                var stripe = (label % 2 == 0 ? x : y) / (2 + label / 2) % 2;
                var noise = (int)(SeedMix.Bits(offset + i, SeedStream.View, p) % 80);
                record[2 + p] = (byte)(stripe * 90 + (plane == label % 3 ? 60 : 0) + noise);
            }
        }
        return bytes;
    }
}
