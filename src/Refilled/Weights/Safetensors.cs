using System.Buffers.Binary;
using System.Text.Json;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>Reads and writes the safetensors format: eight bytes of header length, a JSON header, raw little-endian
/// tensors. See github.com/huggingface/safetensors.</summary>
public static class Safetensors
{
    /// <summary>Longest header that is read, in bytes: the format's own limit.</summary>
    private const long LongestHeader = 100_000_000;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InputException">It is missing, truncated or malformed; the message names the file and the tensor.</exception>
    public static SafetensorsFile Read(string path)
    {
        if (!File.Exists(path)) throw new InputException($"There is no file '{path}'.");
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            using var stream = File.OpenRead(path);
            var length = new byte[8];
            stream.ReadExactly(length);
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
            if (headerLength > (ulong)Math.Min(LongestHeader, stream.Length - 8)) throw new FormatException($"its header claims {headerLength} bytes");
            var json = new byte[headerLength];
            stream.ReadExactly(json);
            var dataStart = stream.Position;
            var header = SafetensorsHeader.Parse(json, stream.Length - dataStart);
            foreach (var entry in header.Entries)
            {
                var tensor = empty(entry.Shape, entry.Type).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                stream.Position = dataStart + entry.Begin;
                foreach (var piece in Pieces(tensor)) using (piece) stream.ReadExactly(piece.bytes);
            }
            return new SafetensorsFile(tensors, header.Metadata);
        }
        catch (Exception e)
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            if (e is not (FormatException or IOException or UnauthorizedAccessException)) throw;
            throw new InputException($"'{path}' is no readable safetensors file: {(e is EndOfStreamException ? "it is truncated" : e.Message)}.", e);
        }
    }

    /// <summary>Writes a file atomically: temporary file in the same folder, flush, rename. Tensors of any layout and
    /// device are written through a contiguous copy on the CPU.</summary>
    /// <exception cref="ArgumentException">A tensor's type has no name in the format, a name stands twice, or a name is the
    /// reserved "__metadata__".</exception>
    /// <exception cref="IOException">The file can't be written; what was there before stays.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var list = tensors.ToList();
        var header = Header(list, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in InFileOrder(list))
            {
                using var copy = NewDisposeScope();
                foreach (var piece in Pieces(tensor.detach().cpu().contiguous())) stream.Write(piece.bytes);
            }
        });
    }

    private static byte[] Header(List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var begins = Begins(tensors);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begins[name]);
                json.WriteNumberValue(begins[name] + tensor.numel() * SafetensorsHeader.BytesOf(tensor.dtype));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The format allows trailing spaces; with them the tensors begin at a multiple of 8.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    /// <summary>Wide elements first: then every tensor begins at a multiple of its element, and a reader may map the file.
    /// The header keeps the caller's order.</summary>
    private static IEnumerable<KeyValuePair<string, Tensor>> InFileOrder(List<KeyValuePair<string, Tensor>> tensors) =>
        tensors.OrderByDescending(pair => SafetensorsHeader.BytesOf(pair.Value.dtype));

    /// <summary>Where each tensor begins in the data.</summary>
    private static Dictionary<string, long> Begins(List<KeyValuePair<string, Tensor>> tensors)
    {
        foreach (var (name, tensor) in tensors)
        {
            _ = SafetensorsHeader.NameOf(tensor.dtype); // throws for a type that the format lacks
            if (name == "__metadata__") throw new ArgumentException("A tensor can't have the reserved name '__metadata__'.", nameof(tensors));
        }
        var begins = new Dictionary<string, long>();
        long offset = 0;
        foreach (var (name, tensor) in InFileOrder(tensors))
        {
            if (!begins.TryAdd(name, offset)) throw new ArgumentException($"The name '{name}' stands twice.", nameof(tensors));
            offset += tensor.numel() * SafetensorsHeader.BytesOf(tensor.dtype);
        }
        return begins;
    }

    /// <summary>A contiguous tensor as flat pieces that a span can hold (default: at most 1 GiB).</summary>
    internal static IEnumerable<Tensor> Pieces(Tensor contiguous, long bytes = 1L << 30)
    {
        using var flat = contiguous.view(-1);
        var step = bytes / SafetensorsHeader.BytesOf(contiguous.dtype);
        for (long at = 0; at < flat.numel(); at += step) yield return flat.narrow(0, at, Math.Min(step, flat.numel() - at));
    }
}
