using System.Runtime.InteropServices;
using System.Text;

namespace Refilled.Files;

/// <summary>A matrix as NumPy's <c>.npy</c>, format 1.0: little-endian fp32, row after row.</summary>
internal static class NumberFile
{
    private const int Alignment = 64;

    /// <summary>Writes it, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">The rows, all as long.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string path, IReadOnlyList<float[]> rows, int width) => Disk.Try(
        () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream =>
            {
                stream.Write(Header(rows.Count, width));
                foreach (var row in rows) stream.Write(MemoryMarshal.AsBytes<float>(row));
            });
        },
        e => new InputException($"'{path}' can't be written: {e.Message}", e));

    private static byte[] Header(int rows, int width)
    {
        var text = FormattableString.Invariant($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
        const int Before = 10;
        var padding = Alignment - (Before + text.Length + 1) % Alignment;
        var length = text.Length + padding + 1;
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8),
            .. Encoding.ASCII.GetBytes(text + new string(' ', padding) + "\n")];
    }
}
