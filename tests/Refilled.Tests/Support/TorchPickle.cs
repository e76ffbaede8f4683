using System.Buffers.Binary;
using System.Text;

namespace Refilled.Tests.Support;

/// <summary>Writes pickles as <c>torch.save</c> does, or nearly so.</summary>
internal sealed class TorchPickle
{
    private readonly List<byte> written = [];

    public TorchPickle() => Raw(0x80, 2);

    public byte[] Bytes => [.. written];

    /// <summary>How many numbers a storage claims; null for as many as its tensor has.</summary>
    public long? Count { get; set; }

    public long Offset { get; set; }

    public string Storage { get; set; } = "torch\nFloatStorage";

    public long[]? Shape { get; set; }

    public long[]? Strides { get; set; }

    public static byte[] Of(Action<TorchPickle> write)
    {
        var pickle = new TorchPickle();
        write(pickle);
        return pickle.Raw('.').Bytes;
    }

    public TorchPickle Raw(params byte[] bytes)
    {
        written.AddRange(bytes);
        return this;
    }

    public TorchPickle Raw(char instruction) => Raw((byte)instruction);

    public TorchPickle Plain(string text) => Raw(Encoding.Latin1.GetBytes(text));

    public TorchPickle Global(string module, string name) => Plain($"c{module}\n{name}\n");

    public TorchPickle Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Raw('X').Raw(length).Raw(bytes);
    }

    public TorchPickle Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public TorchPickle Numbers(IEnumerable<long> numbers)
    {
        Raw('(');
        foreach (var number in numbers) Number(number);
        return Raw('t');
    }

    public TorchPickle Dictionary(params (string Key, Action<TorchPickle> Value)[] items)
    {
        Global("collections", "OrderedDict").Plain(")R(");
        foreach (var (key, value) in items) value(Text(key));
        return Raw('u');
    }

    public TorchPickle Id(string key, long count) =>
        Plain("(").Text("storage").Plain($"c{Storage}\n").Text(key).Text("cpu").Number(Count ?? count).Plain("tQ");

    public TorchPickle Tensor(string key, params long[] shape)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Raw('(');
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var strides = shape.Select((_, i) => shape[(i + 1)..].Aggregate(1L, (product, size) => product * size));
        return Id(key, count).Number(Offset).Numbers(Shape ?? shape).Numbers(Strides ?? strides).Raw(0x89)
            .Global("collections", "OrderedDict").Plain(")RtR");
    }
}
