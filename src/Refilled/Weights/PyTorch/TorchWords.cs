using System.Globalization;
using System.Text;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>The names that PyTorch writes tensors with; every other one is refused.</summary>
/// <remarks>A tensor is described, not made: where its numbers lie, and how. Whether they lie within their storage is checked here;
/// whether the storage is there is checked where it is read.</remarks>
internal class TorchWords : NumpyWords
{
    private const string ModulesRoom = "torch.nn.";

    /// <summary>As many as any file could hold.</summary>
    private const long MostNumbers = long.MaxValue / sizeof(double);

    private static readonly Dictionary<string, ScalarType> Kinds = new()
    {
        ["DoubleStorage"] = ScalarType.Float64, ["FloatStorage"] = ScalarType.Float32, ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16, ["LongStorage"] = ScalarType.Int64, ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16, ["CharStorage"] = ScalarType.Int8, ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    /// <summary>Types of numbers, which checkpoints hold beside tensors and which are left as their names.</summary>
    private static readonly string[] Types =
    [
        "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "double", "float", "half", "long",
    ];

    private readonly Dictionary<string, PickledStorage> storages = new(StringComparer.Ordinal);

    private enum Word { Dictionary, DictionaryWithDefault, Set, Tensor, OldTensor, Parameter, Sequence, Text, Scalar }

    /// <summary>The storages that were spoken of so far, by name.</summary>
    public IReadOnlyDictionary<string, PickledStorage> Storages => storages;

    public override string Subject => "tensors and plain data";

    public override object? Named(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => Word.Dictionary,
        ("collections", "defaultdict") => Word.DictionaryWithDefault,
        ("__builtin__" or "builtins", "dict") => Word.Dictionary,
        ("__builtin__" or "builtins", "set" or "frozenset") => Word.Set,
        ("torch._utils", "_rebuild_tensor_v2") => Word.Tensor,
        ("torch._utils", "_rebuild_tensor") => Word.OldTensor,
        ("torch._utils", "_rebuild_parameter") => Word.Parameter,
        ("torch", "Size") => Word.Sequence,
        ("torch", "device") => Word.Text,
        ("numpy.core.multiarray" or "numpy._core.multiarray", "scalar") => Word.Scalar,
        ("torch", var type) when Types.Contains(type) => new PickledType(type),
        ("torch", var storage) when Kinds.TryGetValue(storage, out var type) => type,
        _ => base.Named(module, name),
    };

    public override object? Called(object? callee, object?[] arguments) => (callee, arguments) switch
    {
        (Word.Dictionary or Word.DictionaryWithDefault, []) or (Word.DictionaryWithDefault, [Word.Dictionary or Word.Set])
            => new Dictionary<string, object?>(),
        (Word.Dictionary, [List<object?> pairs]) => Pairs(pairs),
        (Word.Set, [List<object?> items]) => items,
        (Word.Tensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides, bool, ..]) =>
            PickledTensor.Within(storage, offset, shape, strides),
        (Word.OldTensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides]) =>
            PickledTensor.Within(storage, offset, shape, strides),
        (Word.Parameter, [PickledTensor tensor, bool, ..]) => tensor,
        (Word.Sequence, [object?[] sizes]) => sizes,
        (Word.Sequence, [List<object?> sizes]) => sizes.ToArray(),
        (Word.Text, [string text, ..]) => text,
        (Word.Scalar, [PickledType, ReadOnlyMemory<byte> bytes]) => bytes,
        _ => base.Called(callee, arguments),
    };

    public override object? Stored(object? id)
    {
        // Python 2 wrote texts as bytes.
        id = id is object?[] raw ? raw.Select(part => part is ReadOnlyMemory<byte> bytes ? Encoding.Latin1.GetString(bytes.Span) : part)
            .ToArray() : id;
        if (id is object?[] and ["module", ..]) throw new FormatException("it holds a whole module" + ExportHint);
        if (id is not object?[] parts || parts is not ["storage", ScalarType type, var key, string, long count, ..]
            || parts.Length > 6 || (parts.Length == 6 && parts[5] is not null))
            throw new FormatException("it refers to something else than a storage of numbers");
        var name = key switch
        {
            string text => text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            _ => throw new FormatException("a storage has no name"),
        };
        if (count is < 0 or > MostNumbers) throw new FormatException($"the storage '{name}' claims {count} numbers");
        var storage = new PickledStorage(name, type, count);
        if (!storages.TryAdd(name, storage) && storages[name] != storage)
            throw new FormatException($"the storage '{name}' has two sizes or types");
        return storages[name];
    }

    // An ordered dictionary of weights has the versions of its modules as its state; a parameter may have its own.
    public override bool Described(object target, object? state) =>
        target is Dictionary<string, object?> or PickledTensor || base.Described(target, state);

    public override string WayOut(string module, string name) =>
        module.StartsWith(ModulesRoom, StringComparison.Ordinal) || (storages.Count == 0 && module.Split('.')[0] != "torch")
            ? $". It seems to hold a whole module{ExportHint}"
            : $". Save the weights alone, in Python: {SaveWeights}";

    private const string SaveWeights = "torch.save(model.state_dict(), 'weights.pth')";

    private const string ExportHint = ", which can't be read without running its code. Save its weights alone, in Python: "
        + SaveWeights + "; or export it to ONNX or TorchScript: "
        + "torch.jit.trace(model.eval(), torch.rand(1, 3, 224, 224)).save('teacher.pt')";

    private static Dictionary<string, object?> Pairs(List<object?> pairs)
    {
        var made = new Dictionary<string, object?>();
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                object?[] and [string text, var item] => (text, item),
                List<object?> and [string text, var item] => (text, item),
                _ => throw new FormatException("a dictionary isn't made of pairs"),
            };
            if (!made.TryAdd(key, value)) throw new FormatException($"the key '{key}' stands twice");
        }
        return made;
    }
}
