using System.Formats.Tar;
using System.IO.Compression;
using SkiaSharp;

namespace Refilled.Tests.Support;

/// <summary>Small trees of files, as a folder, a .zip or a .tar.gz.</summary>
internal static class MadeUpFiles
{
    public static string Folder(string path, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        Directory.CreateDirectory(path);
        foreach (var (name, content) in files)
        {
            var file = Path.Combine(path, name);
            Directory.CreateDirectory(name.EndsWith('/') ? file : Path.GetDirectoryName(file)!);
            if (!name.EndsWith('/')) File.WriteAllBytes(file, content);
        }
        return path;
    }

    public static string Zip(string path, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in files)
        {
            using var stream = archive.CreateEntry(name).Open();
            stream.Write(content);
        }
        return path;
    }

    public static string TarGz(string path, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var archive = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var (name, content) in files)
            archive.WriteEntry(name.EndsWith('/') ? new PaxTarEntry(TarEntryType.Directory, name)
                : new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return path;
    }

    /// <summary>A picture of one colour with one corner of another, so that no two numbers give the same picture.</summary>
    public static byte[] Picture(int number, int width = 20, int height = 16, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColor.FromHsv(number * 37 % 360, 80, 80));
        bitmap.SetPixel(0, 0, new SKColor((byte)number, (byte)(number >> 8), 0));
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    public static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
