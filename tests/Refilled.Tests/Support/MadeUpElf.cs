using System.Buffers.Binary;
using System.Text;

namespace Refilled.Tests.Support;

/// <summary>A minimal 64-bit ELF file with one required library and some version nodes.</summary>
internal static class MadeUpElf
{
    public static byte[] Make(params string[] nodes)
    {
        const int headerBytes = 64, sections = 3;
        var strings = new List<byte> { 0 };
        var names = nodes.Select(node => Add(strings, node)).ToArray();
        var needBytes = 16 + 16 * nodes.Length;
        var (needAt, stringsAt) = (headerBytes, headerBytes + needBytes);
        var tableAt = (stringsAt + strings.Count + 7) / 8 * 8;
        var file = new byte[tableAt + sections * 64];

        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5]) = (2, 1);
        Write64(file, 0x28, (ulong)tableAt);
        Write16(file, 0x3a, 64);
        Write16(file, 0x3c, sections);

        Write16(file, needAt, 1);
        Write16(file, needAt + 2, (ushort)nodes.Length);
        Write32(file, needAt + 8, 16);
        for (var i = 0; i < nodes.Length; i++)
        {
            var at = needAt + 16 + 16 * i;
            Write32(file, at + 8, (uint)names[i]);
            Write32(file, at + 12, i + 1 < nodes.Length ? 16u : 0);
        }
        strings.CopyTo(file, stringsAt);

        Section(file, tableAt + 64, 0x6ffffffe, needAt, needBytes, link: 2, info: 1);
        Section(file, tableAt + 128, 3, stringsAt, strings.Count, link: 0, info: 0);
        return file;
    }

    private static void Section(byte[] file, int at, uint type, int offset, int size, uint link, uint info)
    {
        Write32(file, at + 4, type);
        Write64(file, at + 0x18, (ulong)offset);
        Write64(file, at + 0x20, (ulong)size);
        Write32(file, at + 0x28, link);
        Write32(file, at + 0x2c, info);
    }

    private static int Add(List<byte> strings, string text)
    {
        var at = strings.Count;
        strings.AddRange(Encoding.ASCII.GetBytes(text + "\0"));
        return at;
    }

    private static void Write16(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    private static void Write32(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);

    private static void Write64(byte[] file, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
}
