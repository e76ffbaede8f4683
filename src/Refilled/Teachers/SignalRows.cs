namespace Refilled.Teachers;

/// <summary>A teacher's signals for one view of every image: a row of numbers each.</summary>
internal abstract class SignalRows : IDisposable
{
    /// <summary>The embedding of an image, then its logits.</summary>
    public abstract ReadOnlySpan<float> Row(int position);

    public abstract void Dispose();

    /// <summary>Rows in an array.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="blocks">The rows, some at a time.</param>
    public static SignalRows InMemory(int count, int width, IEnumerable<float[]> blocks)
    {
        var rows = new float[checked((long)count * width)];
        long at = 0;
        foreach (var block in blocks)
        {
            Array.Copy(block, 0, rows, at, block.Length);
            at += block.Length;
        }
        return new ArrayRows(rows, width);
    }

    private sealed class ArrayRows(float[] rows, int width) : SignalRows
    {
        public override ReadOnlySpan<float> Row(int position) => rows.AsSpan(checked(position * width), width);

        public override void Dispose() { }
    }
}
