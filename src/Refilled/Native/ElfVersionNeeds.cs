using System.Buffers.Binary;
using System.Text;

namespace Refilled.Native;

/// <summary>The version nodes that a 64-bit little-endian ELF file requires of other libraries (its
/// <c>.gnu.version_r</c> section), and the one change that we make to them.</summary>
/// <remarks>Layout: System V ABI, ELF-64; the version sections: Linux Standard Base, symbol versioning. Every offset is
/// checked against the file.</remarks>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 0x2;                // VER_FLG_WEAK

    /// <summary>Marks a required version node as weak, so that the loader accepts a library without it. Only right where
    /// no symbol that is used belongs to that node.</summary>
    /// <param name="file">The file's bytes; changed in place.</param>
    /// <param name="node">The node, such as "GLIBCXX_3.4.32".</param>
    /// <returns>Whether the node was required; false leaves the bytes as they are.</returns>
    /// <exception cref="InvalidDataException">The file is no 64-bit little-endian ELF, or is truncated.</exception>
    public static bool MakeWeak(Span<byte> file, string node)
    {
        var found = false;
        foreach (var (name, flags) in Find(file))
        {
            if (name != node) continue;
            var field = Slice(file, flags, 2);
            BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(field) | WeakFlag));
            found = true;
        }
        return found;
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
            var start = (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x18..]);
            var link = BinaryPrimitives.ReadUInt32LittleEndian(section[0x28..]);
            var needs = BinaryPrimitives.ReadUInt32LittleEndian(section[0x2c..]);
            if (link >= count) throw new InvalidDataException("a version section without a string table");
            var strings = (long)BinaryPrimitives.ReadUInt64LittleEndian(Slice(file, sections + (long)link * entrySize, 64)[0x18..]);
            Walk(file, start, needs, strings, entries);
        }
        return entries;
    }

    private static void Walk(Span<byte> file, long need, uint needs, long strings, List<(string, long)> entries)
    {
        for (uint n = 0; n < needs; n++)
        {
            var verneed = Slice(file, need, 16);
            int auxiliaries = BinaryPrimitives.ReadUInt16LittleEndian(verneed[2..]);
            var auxiliary = need + BinaryPrimitives.ReadUInt32LittleEndian(verneed[8..]);
            for (var a = 0; a < auxiliaries; a++)
            {
                var vernaux = Slice(file, auxiliary, 16);
                entries.Add((Text(file, strings + BinaryPrimitives.ReadUInt32LittleEndian(vernaux[8..])), auxiliary + 4));
                auxiliary += BinaryPrimitives.ReadUInt32LittleEndian(vernaux[12..]);
            }
            var next = BinaryPrimitives.ReadUInt32LittleEndian(verneed[12..]);
            if (next == 0) return;
            need += next;
        }
    }

    private static string Text(Span<byte> file, long offset)
    {
        var rest = Slice(file, offset, 1, toEnd: true);
        var end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.ASCII.GetString(rest[..end]) : throw new InvalidDataException("a name runs past the end of the file");
    }

    private static Span<byte> Slice(Span<byte> file, long offset, int length, bool toEnd = false)
    {
        if (offset < 0 || offset > file.Length - length) throw new InvalidDataException($"truncated: {length} bytes are needed at {offset}, the file has {file.Length}");
        return toEnd ? file[(int)offset..] : file.Slice((int)offset, length);
    }
}
