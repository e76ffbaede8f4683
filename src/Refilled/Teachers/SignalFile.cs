using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Refilled.Files;
using Refilled.Weights;

namespace Refilled.Teachers;

/// <summary>Rows of signals in a safetensors file that is mapped into memory.</summary>
/// <remarks>Its tensors are those of its <see cref="SignalLayout"/>; format, key, view and checksum are in the metadata.</remarks>
internal sealed unsafe class SignalFile : SignalRows
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor accessor;
    private readonly byte* data;
    private readonly long[] starts;
    private readonly int[] bytes;

    private SignalFile(string path, SignalLayout layout, long[] starts) : base(layout)
    {
        (this.starts, bytes) = (starts, [.. layout.Parts.Select(part => part.RowBytes)]);
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        accessor = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        data += accessor.PointerOffset;
    }

    /// <summary>Maps a file, after checking that it is whole and is the one that was meant.</summary>
    /// <exception cref="InputException">It is broken or another, such as one of another precision.</exception>
    public static SignalFile Open(string path, string key, int view, SignalLayout layout, CancellationToken cancel = default)
    {
        var header = Safetensors.ReadHeader(path, out var dataStart);
        string Metadata(string name) => header.Metadata.GetValueOrDefault(name, "");
        if (Metadata("format") != layout.Format || Metadata("key") != key
            || Metadata("view") != view.ToString(CultureInfo.InvariantCulture) || header.Entries.Count != layout.Parts.Count
            || !header.Entries.Zip(layout.Parts).All(pair => pair.First.Name == pair.Second.Name && pair.First.Type == pair.Second.Type
                && pair.First.Shape.SequenceEqual([layout.Images, pair.Second.Columns])))
            throw new InputException($"'{path}' is no cache of this teacher's signals for these images.");
        var opened = new SignalFile(path, layout, [.. header.Entries.Select(entry => dataStart + entry.Begin)]);
        try
        {
            if (opened.Checksum(layout.Images, cancel) == Metadata("sha256")) return opened;
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
    /// <param name="path">The file.</param>
    /// <param name="key">What decides its content.</param>
    /// <param name="view">The view.</param>
    /// <param name="layout">What its rows are.</param>
    /// <param name="blocks">Of some images at a time the rows of each part.</param>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string path, string key, int view, SignalLayout layout, IEnumerable<byte[][]> blocks)
    {
        byte[] Header(string checksum) => Safetensors.Header(
            [.. layout.Parts.Select(part => (part.Name, part.Type, new long[] { layout.Images, part.Columns }))],
            new Dictionary<string, string>
            {
                ["format"] = layout.Format,
                ["key"] = key,
                ["view"] = view.ToString(CultureInfo.InvariantCulture),
                ["sha256"] = checksum,
            });
        void Fill(FileStream stream)
        {
            // The checksum is known at the end, and always as long as this one.
            stream.Write(Header(new string('0', 2 * SHA256.HashSizeInBytes)));
            var ends = new long[layout.Parts.Count];
            for (var (part, at) = (0, stream.Position); part < ends.Length; at += (long)layout.Images * layout.Parts[part++].RowBytes)
                ends[part] = at;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var block in blocks)
            {
                for (var part = 0; part < block.Length; part++)
                {
                    stream.Position = ends[part];
                    stream.Write(block[part]);
                    ends[part] += block[part].Length;
                }
                for (var image = 0; image < block[0].Length / layout.Parts[0].RowBytes; image++)
                    for (var (part, bytes) = (0, 0); part < block.Length; part++)
                    {
                        bytes = layout.Parts[part].RowBytes;
                        hash.AppendData(block[part].AsSpan(image * bytes, bytes));
                    }
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

    protected override ReadOnlySpan<byte> Row(int part, int position) =>
        new(data + starts[part] + (long)position * bytes[part], bytes[part]);

    public override void Dispose()
    {
        accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        accessor.Dispose();
        file.Dispose();
    }

    /// <summary>Image by image, the rows of all parts, as they are written.</summary>
    private string Checksum(int images, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < images; i++)
        {
            cancel.ThrowIfCancellationRequested();
            for (var part = 0; part < bytes.Length; part++) hash.AppendData(Row(part, i));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
