using System.Buffers.Binary;
using System.Text;

namespace Refilled.Native;

/// <summary>The version nodes that an ELF file requires of other libraries, and the one change that we make to them.</summary>
/// <remarks>The <c>.gnu.version_r</c> section of a 64-bit little-endian file. Layout: System V ABI, ELF-64; the version sections:
/// Linux Standard Base, symbol versioning. Every offset is checked against the file.</remarks>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 0x2;                // VER_FLG_WEAK
    private const int EntryBytes = 16;                  // of a Verneed and of a Vernaux
    private const int LongestName = 255;                // far above any real node's; keeps damaged tables from costing time

    /// <summary>Marks a required version node as weak, so that the loader accepts a library without it.</summary>
    /// <remarks>Only right where no symbol that is used belongs to that node.</remarks>
    /// <param name="file">The file's bytes; changed in place.</param>
    /// <param name="node">The node, such as "GLIBCXX_3.4.32".</param>
    /// <returns>What was found and done; only <see cref="NodeChange.MadeWeak"/> changes bytes.</returns>
    /// <exception cref="InvalidDataException">The file is no 64-bit little-endian ELF, or is truncated.</exception>
    public static NodeChange MakeWeak(Span<byte> file, string node)
    {
        var change = NodeChange.Absent;
        foreach (var (name, flags) in Find(file))
        {
            if (name != node) continue;
            var field = Slice(file, flags, 2);
            var old = BinaryPrimitives.ReadUInt16LittleEndian(field);
            if ((old & WeakFlag) == 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)(old | WeakFlag));
                change = NodeChange.MadeWeak;
            }
            else if (change == NodeChange.Absent)
            {
                change = NodeChange.AlreadyWeak;
            }
        }
        return change;
    }

    /// <summary>The names of all required version nodes.</summary>
    /// <exception cref="InvalidDataException">The file is no 64-bit little-endian ELF, or is truncated.</exception>
    public static IReadOnlyList<string> Names(Span<byte> file) => [.. Find(file).Select(entry => entry.Name)];

    /// <summary>Each auxiliary entry: the node's name and the offset of its <c>vna_flags</c>.</summary>
    private static List<(string Name, long Flags)> Find(Span<byte> file)
    {
        if (file.Length < 4 || !file[..4].SequenceEqual("\u007fELF"u8)) throw new InvalidDataException("no ELF file");
        var header = Slice(file, 0, 64);
        if (header[4] != 2 || header[5] != 1) throw new InvalidDataException("no 64-bit little-endian ELF file");
        var sections = (long)BinaryPrimitives.ReadUInt64LittleEndian(header[0x28..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3a..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3c..]);
        if (count > 0 && entrySize < 64) throw new InvalidDataException($"section headers of {entrySize} bytes");

        var entries = new List<(string, long)>();
        for (var i = 0; i < count; i++)
        {
            var section = Slice(file, sections + (long)i * entrySize, 64);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != VersionNeedSection) continue;
            var link = BinaryPrimitives.ReadUInt32LittleEndian(section[0x28..]);
            if (link >= count) throw new InvalidDataException("a version section without a string table");
            var strings = Content(file, Slice(file, sections + (long)link * entrySize, 64), out _);
            var needs = Content(file, section, out var start);
            Walk(needs, start, BinaryPrimitives.ReadUInt32LittleEndian(section[0x2c..]), strings, entries);
        }
        return entries;
    }

    /// <summary>The bytes of a section, and where they start in the file.</summary>
    private static Span<byte> Content(Span<byte> file, Span<byte> section, out long start)
    {
        start = (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x18..]);
        return Slice(file, start, (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x20..]));
    }

    /// <summary>Follows the chain of libraries and, for each, that of its nodes; a step of 0 ends a chain.</summary>
    private static void Walk(Span<byte> section, long start, uint needs, Span<byte> strings, List<(string, long)> entries)
    {
        long need = 0;
        for (uint n = 0; n < needs; n++)
        {
            var verneed = Slice(section, need, EntryBytes);
            int auxiliaries = BinaryPrimitives.ReadUInt16LittleEndian(verneed[2..]);
            var auxiliary = need + BinaryPrimitives.ReadUInt32LittleEndian(verneed[8..]);
            for (var a = 0; a < auxiliaries; a++)
            {
                var vernaux = Slice(section, auxiliary, EntryBytes);
                // Overlapping chains could otherwise name the same bytes over and over, until memory runs out.
                if (entries.Count >= section.Length / EntryBytes)
                    throw new InvalidDataException("a version section with more entries than it has room for");
                entries.Add((Text(strings, BinaryPrimitives.ReadUInt32LittleEndian(vernaux[8..])), start + auxiliary + 4));
                var step = BinaryPrimitives.ReadUInt32LittleEndian(vernaux[12..]);
                if (step == 0) break;
                auxiliary += step;
            }
            var next = BinaryPrimitives.ReadUInt32LittleEndian(verneed[12..]);
            if (next == 0) return;
            need += next;
        }
    }

    private static string Text(Span<byte> strings, long offset)
    {
        var rest = Slice(strings, offset, 1, toEnd: true);
        var end = rest[..Math.Min(rest.Length, LongestName + 1)].IndexOf((byte)0);
        return end >= 0 ? Encoding.ASCII.GetString(rest[..end]) : throw new InvalidDataException("a name runs past the end of its table");
    }

    private static Span<byte> Slice(Span<byte> file, long offset, long length, bool toEnd = false)
    {
        if (offset < 0 || length < 0 || length > file.Length || offset > file.Length - length)
            throw new InvalidDataException($"truncated: {length} bytes are needed at {offset} of {file.Length}");
        return toEnd ? file[(int)offset..] : file.Slice((int)offset, (int)length);
    }
}

/// <summary>What <see cref="ElfVersionNeeds.MakeWeak"/> found and did.</summary>
internal enum NodeChange
{
    /// <summary>The file doesn't name the node; nothing was changed.</summary>
    Absent,

    /// <summary>The node is named but not insisted on; nothing was changed.</summary>
    AlreadyWeak,

    /// <summary>The node was required and is weak now.</summary>
    MadeWeak,
}
