namespace Refilled.Teachers;

/// <summary>A teacher's signals for one view of every image, as bytes of their number formats.</summary>
internal abstract class SignalRows(SignalLayout layout) : IDisposable
{
    /// <summary>The embedding of an image.</summary>
    public ReadOnlySpan<byte> Embedding(int position) => Row(layout.EmbeddingPlace.Part, position)[layout.EmbeddingPlace.Bytes];

    /// <summary>The logits of an image.</summary>
    public ReadOnlySpan<byte> Logits(int position) => Row(layout.LogitsPlace.Part, position)[layout.LogitsPlace.Bytes];

    public abstract void Dispose();

    /// <summary>An image's row of a part.</summary>
    protected abstract ReadOnlySpan<byte> Row(int part, int position);

    /// <summary>Rows in arrays.</summary>
    /// <param name="layout">What they are.</param>
    /// <param name="blocks">Of some images at a time the rows of each part; all blocks but the last are of one size.</param>
    public static SignalRows InMemory(SignalLayout layout, IEnumerable<byte[][]> blocks) => new ArrayRows(layout, [.. blocks]);

    private sealed class ArrayRows(SignalLayout layout, byte[][][] blocks) : SignalRows(layout)
    {
        private readonly int[] bytes = [.. layout.Parts.Select(part => part.RowBytes)];
        private readonly int size = blocks.Length == 0 ? 1 : blocks[0][0].Length / layout.Parts[0].RowBytes;

        protected override ReadOnlySpan<byte> Row(int part, int position) =>
            blocks[position / size][part].AsSpan(position % size * bytes[part], bytes[part]);

        public override void Dispose() { }
    }
}
