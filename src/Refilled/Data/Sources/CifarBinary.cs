using System.Text;

namespace Refilled.Data.Sources;

/// <summary>CIFAR-100's binary version: records of one coarse label, one fine label, and 3 × 32 × 32 pixels in planes; names in
/// text files.</summary>
internal static class CifarBinary
{
    public const string TrainFile = "train.bin", TestFile = "test.bin", FineFile = "fine_label_names.txt", CoarseFile = "coarse_label_names.txt";

    private const int RecordBytes = 2 + Cifar100.ImageBytes;

    public static readonly string[] Files = [TrainFile, TestFile, FineFile, CoarseFile];

    public static CifarPart Part(byte[] bytes, string where)
    {
        if (bytes.Length == 0) throw new InputException($"{where} is empty.");
        if (bytes.Length % RecordBytes != 0) throw new InputException($"{where} is truncated or corrupt: {bytes.Length} bytes are {bytes.Length % RecordBytes} over a multiple of {RecordBytes}.");
        var count = bytes.Length / RecordBytes;
        return new CifarPart(where, [.. Enumerable.Range(0, count).Select(i => (int)bytes[i * RecordBytes])], [.. Enumerable.Range(0, count).Select(i => (int)bytes[i * RecordBytes + 1])],
            i => bytes.AsMemory(i * RecordBytes + 2, Cifar100.ImageBytes));
    }

    public static string[] Names(byte[] bytes) => Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
