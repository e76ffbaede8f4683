using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>Reads and writes the safetensors format: eight bytes of header length, a JSON header, raw little-endian
/// tensors. See github.com/huggingface/safetensors.</summary>
internal static class Safetensors
{
    /// <summary>Longest header that is read, in bytes: the format's own limit.</summary>
    private const long LongestHeader = 100_000_000;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hash">Takes every byte of the file, in order.</param>
    /// <exception cref="InputException">It is missing, truncated or malformed; the message names the file and the tensor.</exception>
    public static SafetensorsFile Read(string path, IncrementalHash? hash = null)
    {
        if (!File.Exists(path)) throw new InputException($"There is no file '{path}'.");
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            using var stream = File.OpenRead(path);
            var header = ReadHeader(stream, hash);
            foreach (var entry in header.Entries) tensors.Add(entry.Name, empty(entry.Shape, entry.Type).DetachFromDisposeScope());
            // In the order of their places, which follow one another and fill the file.
            foreach (var entry in header.Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
                foreach (var piece in Pieces(tensors[entry.Name]))
                    using (piece)
                    {
                        stream.ReadExactly(piece.bytes);
                        hash?.AppendData(piece.bytes);
                    }
            if (header.Metadata.TryGetValue(Seal.Key, out var seal) && seal != Seal.Of(header.Metadata,
                header.Entries.Select(entry => (entry.Name, entry.Type, entry.Shape, Seal.Digest(tensors[entry.Name])))))
                throw new FormatException("its checksum is another: some of its bytes have changed since it was written");
            return new SafetensorsFile(tensors, header.Metadata);
        }
        catch (Exception e)
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            if (e is not FormatException && !Disk.Refuses(e)) throw;
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads the table of contents alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dataStart">Where the tensors' bytes begin.</param>
    /// <exception cref="InputException">It is missing, truncated or malformed.</exception>
    internal static SafetensorsHeader ReadHeader(string path, out long dataStart)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var header = ReadHeader(stream);
            dataStart = stream.Position;
            return header;
        }
        catch (Exception e) when (e is FormatException || Disk.Refuses(e))
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Whether a file can be read whose table of contents doesn't say that it is one of ours.</summary>
    internal static bool IsForeign(string path)
    {
        try
        {
            return !ReadHeader(path, out _).Metadata.GetValueOrDefault("format", "").StartsWith("refilled", StringComparison.Ordinal);
        }
        catch (InputException)
        {
            return false; // whoever reads it says why
        }
    }

    /// <summary>Writes a file atomically: temporary file in the same folder, flush, rename.</summary>
    /// <remarks>Tensors of any layout and device are written through a contiguous copy on the CPU.</remarks>
    /// <exception cref="ArgumentException">A tensor's type has no name in the format, a name stands twice, or a name is the
    /// reserved "__metadata__".</exception>
    /// <exception cref="IOException">The file can't be written; what was there before stays.</exception>
    /// <exception cref="NotFiniteNumberException">A number is NaN or infinite; what was there before stays.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors, metadata, null);

    /// <summary>As the other, with a checksum of all that is in it (<see cref="Seal"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Free text by key.</param>
    /// <param name="earlier">What the file that was there is called from then on; null replaces it.</param>
    public static void WriteSealed(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> metadata, string? earlier = null)
    {
        var list = tensors.ToList();
        var seal = Seal.Of(metadata, list.Select(pair => (pair.Key, pair.Value.dtype, pair.Value.shape, Seal.Digest(pair.Value))));
        Write(path, list, new Dictionary<string, string>(metadata) { [Seal.Key] = seal }, earlier);
    }

    private static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata,
        string? earlier)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var list = tensors.ToList();
        var header = Header([.. list.Select(pair => (pair.Key, pair.Value.dtype, pair.Value.shape))], metadata);
        if (Finite.FirstBad(list) is { } bad)
            throw new NotFiniteNumberException($"'{path}' is not written: its tensor '{bad}' would hold numbers that are NaN or infinite.");
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor) in InFileOrder(list, pair => pair.Value.dtype))
            {
                using var copy = NewDisposeScope();
                foreach (var piece in Pieces(tensor.detach().cpu().contiguous())) stream.Write(piece.bytes);
            }
        }, earlier);
    }

    /// <summary>What stands before the tensors' bytes: the length of the table of contents, and the table.</summary>
    /// <exception cref="ArgumentException">A type has no name in the format, a name stands twice, or is reserved.</exception>
    internal static byte[] Header(
        IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var places = Places(tensors);
        using var buffer = new MemoryStream();
        buffer.Write(new byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (var (name, type, shape) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsHeader.NameOf(type));
                json.WriteStartArray("shape");
                foreach (var size in shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(places[name].Begin);
                json.WriteNumberValue(places[name].End);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The format allows trailing spaces; with them the tensors begin at a multiple of 8.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - sizeof(ulong)));
        return bytes;
    }

    private static SafetensorsHeader ReadHeader(FileStream stream, IncrementalHash? hash = null)
    {
        var length = new byte[sizeof(ulong)];
        stream.ReadExactly(length);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > (ulong)Math.Min(LongestHeader, stream.Length - sizeof(ulong)))
            throw new FormatException($"its header claims {headerLength} bytes, and the file has {stream.Length}");
        var json = new byte[headerLength];
        stream.ReadExactly(json);
        hash?.AppendData(length);
        hash?.AppendData(json);
        return SafetensorsHeader.Parse(json, stream.Length - stream.Position);
    }

    private static InputException Unreadable(string path, Exception e)
    {
        var kind = FileKinds.Of(path);
        var why = FileKinds.Describe(kind) is { } what ? $"it is {what}"
            : e is EndOfStreamException ? "it is truncated"
            : e is FormatException && kind == FileKind.Unknown ? $"{e.Message}; nor does it begin as another file that is known here"
            : e.Message;
        return new InputException($"'{path}' is no readable safetensors file: {why}.", e);
    }

    /// <summary>Wide elements first: then every tensor begins at a multiple of its element.</summary>
    /// <remarks>So a reader may map the file. The header keeps the caller's order.</remarks>
    private static IEnumerable<T> InFileOrder<T>(IEnumerable<T> tensors, Func<T, ScalarType> type) =>
        tensors.OrderByDescending(tensor => SafetensorsHeader.BytesOf(type(tensor)));

    /// <summary>Where each tensor begins and ends in the data.</summary>
    private static Dictionary<string, (long Begin, long End)> Places(IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors)
    {
        foreach (var (name, type, _) in tensors)
        {
            _ = SafetensorsHeader.NameOf(type); // throws for a type that the format lacks
            if (name == "__metadata__")
                throw new ArgumentException("A tensor can't have the reserved name '__metadata__'.", nameof(tensors));
        }
        var places = new Dictionary<string, (long, long)>();
        long offset = 0;
        foreach (var (name, type, shape) in InFileOrder(tensors, tensor => tensor.Type))
        {
            var end = offset + shape.Aggregate(1L, (product, size) => product * size) * SafetensorsHeader.BytesOf(type);
            if (!places.TryAdd(name, (offset, end))) throw new ArgumentException($"The name '{name}' stands twice.", nameof(tensors));
            offset = end;
        }
        return places;
    }

    /// <summary>A contiguous tensor as flat pieces that a span can hold (default: at most 1 GiB).</summary>
    internal static IEnumerable<Tensor> Pieces(Tensor contiguous, long bytes = 1L << 30)
    {
        using var flat = contiguous.view(-1);
        var step = bytes / SafetensorsHeader.BytesOf(contiguous.dtype);
        for (long at = 0; at < flat.numel(); at += step) yield return flat.narrow(0, at, Math.Min(step, flat.numel() - at));
    }
}

/// <summary>What a safetensors file held. It owns its tensors.</summary>
/// <param name="tensors">The tensors by name, in the file's order, on the CPU.</param>
/// <param name="metadata">Free text by key.</param>
internal sealed class SafetensorsFile(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    : IDisposable
{
    /// <summary>The tensors by name, in the file's order, on the CPU.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; } = tensors;

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; } = metadata;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
