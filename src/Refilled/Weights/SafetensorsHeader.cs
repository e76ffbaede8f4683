using System.Text.Json;
using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>The table of contents of a safetensors file: a JSON object from name to dtype, shape and place.</summary>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsHeader.Entry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    public sealed record Entry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

    /// <summary>Most dimensions of a tensor: the engine's own limit for element-wise operations.</summary>
    private const int MostDimensions = 64;

    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string NameOf(ScalarType type) => Types.FirstOrDefault(known => known.Type == type).Name
        ?? throw new ArgumentException($"A tensor of type {type} can't be written to a safetensors file.", nameof(type));

    public static int BytesOf(ScalarType type) => Types.First(known => known.Type == type).Bytes;

    /// <summary>Reads and checks the header: known types, sizes that agree with places, places that fill the file one after
    /// another.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes after the header.</param>
    /// <exception cref="FormatException">It is not so.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataLength)
    {
        using var document = ParseJson(json);
        try
        {
            return Parse(document.RootElement, dataLength);
        }
        catch (InvalidOperationException e)
        {
            // Malformed UTF-8 and lone surrogates pass the JSON parser and show only when the text is read.
            throw new FormatException("the header holds text that is no Unicode", e);
        }
    }

    private static SafetensorsHeader Parse(JsonElement header, long dataLength)
    {
        var entries = new List<Entry>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        if (header.ValueKind != JsonValueKind.Object) throw new FormatException("the header is no JSON object");
        foreach (var property in header.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new FormatException($"the name '{property.Name}' stands twice");
            if (property.Value.ValueKind != JsonValueKind.Object) throw new FormatException($"'{property.Name}' is no object");
            if (property.Name == "__metadata__")
                foreach (var pair in property.Value.EnumerateObject())
                    metadata[pair.Name] = pair.Value.ValueKind == JsonValueKind.String
                        ? pair.Value.GetString()!
                        : throw new FormatException($"the metadata '{pair.Name}' is no text");
            else entries.Add(ParseEntry(property.Name, property.Value));
        }
        long end = 0;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != end)
                throw new FormatException($"'{entry.Name}' begins at {entry.Begin}, but the tensor before it ends at {end}");
            end = entry.End;
        }
        if (end != dataLength) throw new FormatException($"the tensors take {end} bytes, but the file has {dataLength} for them");
        return new SafetensorsHeader(entries, metadata);
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
        }
        catch (JsonException e)
        {
            throw new FormatException($"the header is no JSON ({e.Message})", e);
        }
    }

    private static Entry ParseEntry(string name, JsonElement value)
    {
        long[] Numbers(string key)
        {
            if (!value.TryGetProperty(key, out var array) || array.ValueKind != JsonValueKind.Array)
                throw new FormatException($"'{name}' has no list '{key}'");
            return
            [
                .. array.EnumerateArray().Select(item =>
                    item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                        ? number
                        : throw new FormatException($"'{name}': '{key}' holds something else than whole numbers of at least 0")),
            ];
        }
        var dtype = value.TryGetProperty("dtype", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        var known = Types.FirstOrDefault(type => type.Name == dtype);
        if (known.Name is null) throw new FormatException($"'{name}' has the unknown dtype '{dtype}'");
        var shape = Numbers("shape");
        var offsets = Numbers("data_offsets");
        if (offsets.Length != 2 || offsets[1] < offsets[0]) throw new FormatException($"'{name}': 'data_offsets' must be begin and end");
        if (shape.Length > MostDimensions)
            throw new FormatException($"'{name}' has {shape.Length} dimensions, but at most {MostDimensions} can be used");
        long bytes = known.Bytes;
        try
        {
            // A size of 0 must not hide an overflow: the engine computes strides from the other sizes.
            checked
            {
                foreach (var size in shape) bytes *= Math.Max(size, 1);
            }
            if (shape.Contains(0)) bytes = 0;
        }
        catch (OverflowException)
        {
            throw new FormatException($"'{name}' has an absurd shape");
        }
        if (bytes != offsets[1] - offsets[0])
            throw new FormatException($"'{name}' takes {bytes} bytes by dtype and shape, but {offsets[1] - offsets[0]} by its place");
        return new Entry(name, known.Type, shape, offsets[0], offsets[1]);
    }
}
