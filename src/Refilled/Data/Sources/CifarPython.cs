using System.Text;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>CIFAR-100's Python version: train, test and meta are pickles of dictionaries.</summary>
internal static class CifarPython
{
    public const string TrainFile = "train", TestFile = "test", MetaFile = "meta";

    public static readonly string[] Files = [TrainFile, TestFile, MetaFile];

    public static CifarPart Part(byte[] bytes, string where)
    {
        var content = Content(bytes, where);
        if (content.GetValueOrDefault("data") is not PickledArray { Shape: [var count, Cifar100.ImageBytes] } pixels) throw new InputException($"{where} has no 'data' of {Cifar100.ImageBytes} bytes for each image.");
        var (coarse, fine) = (Labels(content, "coarse_labels", where), Labels(content, "fine_labels", where));
        if (count == 0) throw new InputException($"{where} is empty.");
        if (coarse.Length != count || fine.Length != count) throw new InputException($"{where}: labels and images don't match: {count} images, {fine.Length} fine and {coarse.Length} coarse labels.");
        return new CifarPart(where, coarse, fine, i => pixels.Bytes.Slice(i * Cifar100.ImageBytes, Cifar100.ImageBytes));
    }

    public static string[] Names(byte[] bytes, string key, string where) =>
        [.. List(Content(bytes, where), key, where).Select(name => name switch { string text => text, ReadOnlyMemory<byte> raw => Encoding.UTF8.GetString(raw.Span), _ => throw new InputException($"{where}: '{key}' must hold names alone.") })];

    private static int[] Labels(Dictionary<string, object?> content, string key, string where) =>
        [.. List(content, key, where).Select(label => label is >= 0L and <= 255L and long value ? (int)value : throw new InputException($"{where}: '{key}' must hold numbers from 0 to 255 alone."))];

    private static List<object?> List(Dictionary<string, object?> content, string key, string where) => content.GetValueOrDefault(key) as List<object?> ?? throw new InputException($"{where} has no list '{key}'.");

    private static Dictionary<string, object?> Content(byte[] bytes, string where) => PickleReader.Read(bytes, where) as Dictionary<string, object?> ?? throw new InputException($"{where} holds no dictionary.");
}
