using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using global::Onnx;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>Checks that tensors hold as much as their shapes say, and takes in what lies in files beside the model.</summary>
/// <param name="path">The model's file.</param>
/// <param name="bytes">Its size.</param>
/// <param name="hash">Gets the bytes of the files beside it.</param>
internal sealed class TensorCheck(string path, long bytes, IncrementalHash hash)
{
    private long total = bytes;

    /// <summary>Checks a tensor.</summary>
    /// <param name="tensor">The tensor; data of another file are put into it.</param>
    /// <param name="what">What it is called in messages.</param>
    /// <exception cref="InputException">It lies, or its data can't be had.</exception>
    public void Check(TensorProto tensor, string what)
    {
        var numbers = Count(tensor.Dims, what);
        var type = (DataType)tensor.DataType;
        if (tensor.Segment is not null) throw Wrong($"{what} is a piece of a tensor");
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External) TakeIn(tensor, type, numbers, what);
        if (type == DataType.String)
        {
            if (tensor.StringData.Count != numbers || tensor.RawData.Length > 0) throw Lies(tensor, what, tensor.StringData.Count, "texts");
            return;
        }
        var bits = Bits(type, what);
        if (tensor.RawData.Length > 0 || numbers == 0)
        {
            if (tensor.RawData.Length != Size(numbers, bits)) throw Lies(tensor, what, tensor.RawData.Length, "bytes");
            if (Listed(tensor, type).Count > 0) throw Wrong($"{what} holds its numbers twice");
            return;
        }
        var (count, each) = Listed(tensor, type);
        if (count != (bits < 8 ? Size(numbers, bits) : numbers * each)) throw Lies(tensor, what, count, "numbers");
    }

    /// <summary>Checks a tensor of which only some numbers are given.</summary>
    /// <exception cref="InputException">It lies.</exception>
    public void Check(SparseTensorProto tensor, string what)
    {
        if (tensor.Values is null || tensor.Indices is null) throw Wrong($"{what} has no values or no places for them");
        var numbers = Count(tensor.Dims, what);
        Check(tensor.Values, what);
        Check(tensor.Indices, what);
        if ((DataType)tensor.Indices.DataType != DataType.Int64 || Count(tensor.Values.Dims, what) > numbers)
            throw Wrong($"{what} has more values than places");
    }

    /// <summary>How many numbers a shape has.</summary>
    private long Count(IEnumerable<long> shape, string what)
    {
        long numbers = 1;
        foreach (var side in shape)
        {
            if (side < 0) throw Wrong($"{what} has a side of {side}");
            numbers = side == 0 || numbers <= int.MaxValue / side ? numbers * side
                : throw Wrong($"{what} claims more than {int.MaxValue} numbers");
        }
        return numbers;
    }

    private int Bits(DataType type, string what) => type switch
    {
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 16,
        DataType.Int8 or DataType.Uint8 or DataType.Bool or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2
            or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Int4 or DataType.Uint4 or DataType.Float4E2M1 => 4,
        DataType.Int2 or DataType.Uint2 => 2,
        _ => throw Wrong($"{what} is of an unknown type ({(int)type})"),
    };

    private static long Size(long numbers, int bits) => (numbers * bits + 7) / 8;

    /// <summary>Numbers that stand in the field of their type, and how many of them each number of the tensor takes.</summary>
    private static (long Count, int Each) Listed(TensorProto tensor, DataType type) => type switch
    {
        DataType.Float => (tensor.FloatData.Count, 1),
        DataType.Complex64 => (tensor.FloatData.Count, 2),
        DataType.Double => (tensor.DoubleData.Count, 1),
        DataType.Complex128 => (tensor.DoubleData.Count, 2),
        DataType.Int64 => (tensor.Int64Data.Count, 1),
        DataType.Uint32 or DataType.Uint64 => (tensor.Uint64Data.Count, 1),
        _ => (tensor.Int32Data.Count, 1),
    };

    /// <summary>Reads the data of a tensor from the file beside the model that it names.</summary>
    private void TakeIn(TensorProto tensor, DataType type, long numbers, string what)
    {
        string? Said(string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;
        long Number(string key, long otherwise) => Said(key) is not { } text ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Wrong($"{what} says that its {key} in another file is '{text}'");
        var file = Beside(Said("location"), what);
        var (expected, offset) = (Size(numbers, Bits(type, what)), Number("offset", 0));
        if (Number("length", expected) != expected)
            throw Wrong($"{what} says that it takes {Said("length")} bytes of another file, and its shape takes {expected}");
        try
        {
            using var stream = File.OpenRead(file);
            if (offset > stream.Length || expected > stream.Length - offset)
                throw Wrong($"{what} would end behind the end of '{file}'");
            total += expected;
            if (total >= int.MaxValue) throw Wrong("with the files beside it, it is larger than 2 GB");
            stream.Position = offset;
            var data = new byte[expected];
            stream.ReadExactly(data);
            hash.AppendData(data);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{file}', which holds a part of '{path}', can't be read: {e.Message}", e);
        }
        tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        tensor.ExternalData.Clear();
    }

    /// <summary>A file within the model's folder, on a way without links.</summary>
    private string Beside(string? location, string what)
    {
        if (string.IsNullOrEmpty(location)) throw Wrong($"{what} lies in another file, and doesn't say in which");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var parts = location.Split('/', '\\');
        if (location.Contains('\0') || Path.IsPathRooted(location) || parts.Any(part => part is "" or "." or ".." || part.Contains(':')))
            throw Outside(location, what);
        var file = folder;
        foreach (var part in parts)
        {
            file = Path.Combine(file, part);
            if (new FileInfo(file).LinkTarget is not null) throw Outside(location, what);
        }
        return File.Exists(file) ? file
            : throw new InputException($"{Capital(what)} of '{path}' lies in '{location}', which is missing: put it beside the model.");
    }

    private InputException Outside(string location, string what) => new(
        $"{Capital(what)} of '{path}' lies in '{location}', outside of the model's folder, and isn't read: "
        + "put the file itself beside the model.");

    private InputException Lies(TensorProto tensor, string what, long found, string unit) =>
        Wrong($"{what} is [{string.Join(", ", tensor.Dims)}], and holds {found} {unit}");

    private InputException Wrong(string what) => OnnxFault.Of(path, what);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>What is said of a file that can't be used.</summary>
internal static class OnnxFault
{
    /// <param name="path">The file.</param>
    /// <param name="what">What is wrong with it, without a full stop.</param>
    public static InputException Of(string path, string what) =>
        new($"'{path}' can't be used as ONNX: {what}. Export the network again, or name another file.");
}
