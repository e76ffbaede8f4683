namespace Refilled.Files;

/// <summary>A stream whose reader can be stopped between two pieces, however much it asked for at once.</summary>
/// <remarks>Who unpacks or hashes a large file reads it by such small pieces, but looks at no token meanwhile.</remarks>
/// <param name="inner">What is read; it goes with this stream.</param>
/// <param name="cancel">Stops it.</param>
internal sealed class StoppableStream(Stream inner, CancellationToken cancel) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        cancel.ThrowIfCancellationRequested();
        return inner.Read(buffer);
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
