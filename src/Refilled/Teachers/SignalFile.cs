using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Refilled.Files;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Rows of signals in a safetensors file that is mapped into memory.</summary>
/// <remarks>One tensor "signals", fp32 <c>[images, d' + C']</c>; key, view and checksum are in the metadata.</remarks>
internal sealed unsafe class SignalFile : SignalRows
{
    public const string Format = "refilled-signals/1";
    private const string TensorName = "signals";

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor accessor;
    private readonly byte* data;
    private readonly int width;

    private SignalFile(string path, long dataStart, int width)
    {
        this.width = width;
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        accessor = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        data += accessor.PointerOffset + dataStart;
    }

    /// <summary>Maps a file, after checking that it is whole and is the one that was meant.</summary>
    /// <exception cref="InputException">It is broken or another.</exception>
    public static SignalFile Open(string path, string key, int view, int count, int width, CancellationToken cancel = default)
    {
        var header = Safetensors.ReadHeader(path, out var dataStart);
        string Metadata(string name) => header.Metadata.GetValueOrDefault(name, "");
        if (Metadata("format") != Format || Metadata("key") != key || Metadata("view") != view.ToString(CultureInfo.InvariantCulture)
            || header.Entries is not [{ Name: TensorName, Type: ScalarType.Float32, Shape: [var images, var columns] }]
            || images != count || columns != width)
            throw new InputException($"'{path}' is no cache of this teacher's signals for these images.");
        var opened = new SignalFile(path, dataStart, width);
        try
        {
            if (opened.Checksum(count, cancel) == Metadata("sha256")) return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        opened.Dispose();
        throw new InputException($"'{path}' is a damaged cache: its checksum is wrong.");
    }

    /// <summary>Writes a file, atomically; other processes may write the same one at the same time.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string path, string key, int view, int count, int width, IEnumerable<float[]> blocks)
    {
        byte[] Header(string checksum) => Safetensors.Header(
            [(TensorName, ScalarType.Float32, [count, width])],
            new Dictionary<string, string>
            {
                ["format"] = Format,
                ["key"] = key,
                ["view"] = view.ToString(CultureInfo.InvariantCulture),
                ["sha256"] = checksum,
            });
        void Fill(FileStream stream)
        {
            // The checksum is known at the end, and always as long as this one.
            stream.Write(Header(new string('0', 2 * SHA256.HashSizeInBytes)));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var block in blocks)
            {
                var bytes = MemoryMarshal.AsBytes<float>(block);
                hash.AppendData(bytes);
                stream.Write(bytes);
            }
            stream.Position = 0;
            stream.Write(Header(Convert.ToHexStringLower(hash.GetHashAndReset())));
        }
        Disk.Try(
            () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                AtomicFile.Write(path, Fill);
            },
            e => new InputException($"The teacher's signals can't be kept in '{path}': {e.Message} "
                + "Choose another folder with --teacher-cache, or --teacher-cache memory.", e));
    }

    public override ReadOnlySpan<float> Row(int position) => new((float*)data + (long)position * width, width);

    public override void Dispose()
    {
        accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        accessor.Dispose();
        file.Dispose();
    }

    private string Checksum(int count, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(MemoryMarshal.AsBytes(Row(i)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
