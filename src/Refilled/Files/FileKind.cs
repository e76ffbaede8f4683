using System.IO.Compression;

namespace Refilled.Files;

/// <summary>What a file is that should be a network, by what is in it: its name may lie.</summary>
internal enum FileKind
{
    /// <summary>None of these.</summary>
    Unknown,

    /// <summary>A file without a byte.</summary>
    Empty,

    /// <summary>A header's length and a JSON object; of the length nothing is known.</summary>
    Safetensors,

    /// <summary>A zip that torch.save wrote.</summary>
    TorchZip,

    /// <summary>The pickles that torch.save wrote before PyTorch 1.6.</summary>
    TorchPickles,

    /// <summary>A zip that torch.jit.save wrote: a program.</summary>
    TorchScript,

    /// <summary>A graph of ONNX.</summary>
    Onnx,

    /// <summary>Another zip.</summary>
    Zip,

    /// <summary>A zip whose end is missing.</summary>
    BrokenZip,

    /// <summary>Another pickle of Python's.</summary>
    Pickle,

    /// <summary>What git-lfs leaves in place of a large file.</summary>
    LfsPointer,

    /// <summary>A web page.</summary>
    Html,

    /// <summary>An image.</summary>
    Image,

    /// <summary>Keras's own format.</summary>
    Hdf5,

    /// <summary>A packed file or archive.</summary>
    Packed,

    /// <summary>Another text.</summary>
    Text,
}

/// <summary>Tells kinds of files apart.</summary>
internal static class FileKinds
{
    private const int Looked = 4096;

    /// <summary>A number that begins what torch.save wrote, as a pickle writes it.</summary>
    private static ReadOnlySpan<byte> TorchMagic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>The kind of a file; unknown where it can't be read.</summary>
    public static FileKind Of(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[Looked];
            var start = bytes.AsSpan(0, stream.ReadAtLeast(bytes, Looked, throwOnEndOfStream: false));
            return start.StartsWith(LocalHeader) ? OfZip(stream) : Of(start);
        }
        catch (Exception e) when (Disk.Refuses(e))
        {
            return FileKind.Unknown;
        }
    }

    /// <summary>What such a file is, and the way out: "the file is …"; null where that says nothing.</summary>
    public static string? Describe(FileKind kind) => kind switch
    {
        FileKind.Empty => "empty",
        FileKind.TorchZip or FileKind.TorchPickles => "a file of weights that PyTorch saved",
        FileKind.TorchScript => "a TorchScript program",
        FileKind.Onnx => "an ONNX graph, which the command and the package Refilled.Onnx open",
        FileKind.Zip => "a zip archive, but not of PyTorch's",
        FileKind.BrokenZip => "a zip archive whose end is missing, as of a file of PyTorch's that is truncated: fetch it again",
        FileKind.Pickle =>
            "a Python pickle that torch.save didn't write: save the weights by torch.save(model.state_dict(), 'weights.pth')",
        FileKind.LfsPointer => "a pointer of git-lfs, which stands for the file: fetch the file itself by 'git lfs pull'",
        FileKind.Html => "a web page: the address led to a page about the file; fetch the file itself",
        FileKind.Image => "an image",
        FileKind.Hdf5 => "an HDF5 file, as Keras writes: export the network to ONNX, by tf2onnx for instance",
        FileKind.Packed => "a packed file: unpack it first",
        FileKind.Text => "a text",
        _ => null,
    };

    private static FileKind Of(ReadOnlySpan<byte> start)
    {
        if (start.Length == 0) return FileKind.Empty;
        if (start.StartsWith("version https://git-lfs"u8)) return FileKind.LfsPointer;
        if (start.Length > 8 && start[8] == '{' && start[7] is 0 or > 127) return FileKind.Safetensors;
        if (start[..Math.Min(start.Length, 64)].IndexOf(TorchMagic) >= 0) return FileKind.TorchPickles;
        if (start.StartsWith(Png) || start.StartsWith(Jpeg) || start.StartsWith("GIF8"u8) || start.StartsWith("II*\0"u8)
            || start.StartsWith("MM\0*"u8) || (start.StartsWith("RIFF"u8) && start.Length > 11 && start[8..].StartsWith("WEBP"u8)))
            return FileKind.Image;
        if (start.StartsWith(Hdf5)) return FileKind.Hdf5;
        if (start.StartsWith(Gzip) || start.StartsWith(Zstandard) || start.StartsWith("BZh"u8) || start.StartsWith(Xz)
            || (start.Length > 262 && start[257..].StartsWith("ustar"u8)))
            return FileKind.Packed;
        // Pickles of protocol 2 and above say so.
        if (start.Length > 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5) return FileKind.Pickle;
        // The first fields of a ModelProto: the version of the format, then the producer, the graph, or the sets of operators.
        if (start.Length > 3 && start[0] == 0x08 && start[1] is > 0 and < 32 && start[2] is 0x12 or 0x1a or 0x22 or 0x32 or 0x3a or 0x42)
            return FileKind.Onnx;
        return OfText(start);
    }

    private static FileKind OfText(ReadOnlySpan<byte> start)
    {
        // Control characters other than tabs and ends of lines.
        foreach (var one in start)
            if (one < 32 && one is not ((byte)'\t' or (byte)'\n' or (byte)'\r')) return FileKind.Unknown;
        var text = System.Text.Encoding.UTF8.GetString(start).TrimStart('\ufeff', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase) ? FileKind.Html : FileKind.Text;
    }

    private static FileKind OfZip(FileStream stream)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var names = archive.Entries.Select(entry => entry.FullName).ToList();
            return names.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)) ? FileKind.TorchScript
                : names.Any(name => name.EndsWith("/data.pkl", StringComparison.Ordinal)) ? FileKind.TorchZip
                : FileKind.Zip;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or OverflowException)
        {
            return FileKind.BrokenZip;
        }
    }

    private static ReadOnlySpan<byte> LocalHeader => [(byte)'P', (byte)'K', 3, 4];

    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G'];

    private static ReadOnlySpan<byte> Jpeg => [0xff, 0xd8, 0xff];

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F'];

    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xb5, 0x2f, 0xfd];

    private static ReadOnlySpan<byte> Xz => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'];
}
