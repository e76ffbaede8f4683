using System.Text;

namespace Refilled.Tests.Support;

/// <summary>The data of <see cref="TinyCifar"/> as Python 2 wrote the official Python version: protocol 2, its strings bytes.</summary>
internal static class PythonCifar
{
    public static Dictionary<string, byte[]> Files()
    {
        var binary = TinyCifar.Files();
        return new()
        {
            ["train"] = Part(binary["train.bin"]),
            ["test"] = Part(binary["test.bin"]),
            ["meta"] = Pickle(Dictionary(("fine_label_names", Names(binary["fine_label_names.txt"])),
                ("coarse_label_names", Names(binary["coarse_label_names.txt"])))),
        };
    }

    public static byte[] Part(byte[] records, bool dropLabel = false, int? firstLabel = null)
    {
        var count = records.Length / TinyCifar.RecordBytes;
        var fine = Enumerable.Range(0, count)
            .Select(i => i == 0 && firstLabel is { } label ? label : records[i * TinyCifar.RecordBytes + 1]);
        var coarse = Enumerable.Range(0, count).Select(i => (int)records[i * TinyCifar.RecordBytes]);
        var pixels = Enumerable.Range(0, count)
            .SelectMany(i => records[(i * TinyCifar.RecordBytes + 2)..((i + 1) * TinyCifar.RecordBytes)]).ToArray();
        return Pickle(Dictionary(("batch_label", Text("part")), ("fine_labels", List(fine.Skip(dropLabel ? 1 : 0).Select(Number))),
            ("coarse_labels", List(coarse.Select(Number))), ("data", Array(count, pixels))));
    }

    private static byte[] Pickle(byte[] value) => [0x80, 2, .. value, (byte)'.'];

    private static byte[] Dictionary(params (string Key, byte[] Value)[] items) =>
        [(byte)'}', (byte)'q', 1, (byte)'(', .. items.SelectMany(item => Text(item.Key).Concat(item.Value)), (byte)'u'];

    private static byte[] List(IEnumerable<byte[]> items) => [(byte)']', (byte)'(', .. items.SelectMany(item => item), (byte)'e'];

    private static byte[] Names(byte[] lines) => List(Encoding.UTF8.GetString(lines).TrimEnd().Split('\n').Select(Text));

    private static byte[] Text(string text) => [(byte)'U', (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Number(int number) => number < 256 ? [(byte)'K', (byte)number] : [(byte)'M', (byte)number, (byte)(number >> 8)];

    private static byte[] Array(int count, byte[] bytes) =>
    [
        .. "cnumpy.core.multiarray\n_reconstruct\n"u8, .. "cnumpy\nndarray\n"u8, (byte)'K', 0, 0x85, .. Text("b"), 0x87, (byte)'R',
        (byte)'(', (byte)'K', 1, (byte)'M', (byte)count, (byte)(count >> 8), (byte)'M', 0, 12, 0x86,
        .. "cnumpy\ndtype\n"u8, .. Text("u1"), (byte)'K', 0, (byte)'K', 1, 0x87, (byte)'R', (byte)'(', (byte)'K', 3, .. Text("|"),
        (byte)'N', (byte)'N', (byte)'N', (byte)'J', 255, 255, 255, 255, (byte)'J', 255, 255, 255, 255, (byte)'K', 0, (byte)'t', (byte)'b',
        0x89, (byte)'T', .. BitConverter.GetBytes(bytes.Length), .. bytes, (byte)'t', (byte)'b',
    ];
}
