using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A view's signals: <c>[n, d' + C']</c> in fp32, or embeddings in fp16 and logits in fp32 apart.</summary>
/// <param name="Images">Number of images, n.</param>
/// <param name="Embedding">Size of the embedding, d'.</param>
/// <param name="Logits">Number of logits, C'; 0 where there are none.</param>
/// <param name="Precision">Number format of embeddings.</param>
internal sealed record SignalLayout(int Images, int Embedding, int Logits, CachePrecision Precision)
{
    private bool IsHalf => Precision == CachePrecision.Fp16;

    /// <summary>What files of it say that they are.</summary>
    public string Format => IsHalf ? "refilled-signals/2" : "refilled-signals/1";

    /// <summary>The tensors of a file, in their order there: wide numbers first.</summary>
    public IReadOnlyList<SignalPart> Parts { get; } = Precision == CachePrecision.Fp32
        ? [new SignalPart("signals", ScalarType.Float32, sizeof(float), Embedding + Logits)]
        : [.. Logits == 0 ? Array.Empty<SignalPart>() : [new SignalPart("logits", ScalarType.Float32, sizeof(float), Logits)],
            new SignalPart("embedding", ScalarType.Float16, 2, Embedding)];

    /// <summary>Number format of kept embeddings.</summary>
    public ScalarType EmbeddingType => IsHalf ? ScalarType.Float16 : ScalarType.Float32;

    /// <summary>Where an image's embedding is within its rows.</summary>
    public (int Part, Range Bytes) EmbeddingPlace => IsHalf ? (Parts.Count - 1, ..) : (0, ..(Embedding * sizeof(float)));

    /// <summary>Where an image's logits are within its rows.</summary>
    public (int Part, Range Bytes) LogitsPlace => IsHalf ? (0, ..) : (0, (Embedding * sizeof(float))..);

    /// <summary>Bytes of a view.</summary>
    public long Bytes => Images * Parts.Sum(part => (long)part.RowBytes);
}

/// <summary>A tensor of kept signals, <c>[n, columns]</c>.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Type">Its number format.</param>
/// <param name="NumberBytes">Bytes of a number.</param>
/// <param name="Columns">Numbers of an image.</param>
internal sealed record SignalPart(string Name, ScalarType Type, int NumberBytes, int Columns)
{
    /// <summary>Bytes of an image's row.</summary>
    public int RowBytes => NumberBytes * Columns;
}
