using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

public sealed class StoppableStreamTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_reads_what_the_other_reads()
    {
        byte[] content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        using var stream = new StoppableStream(new MemoryStream(content), CancellationToken.None);
        stream.Position = 10;
        var read = new byte[990];
        stream.ReadExactly(read);
        Assert.Equal(content[10..], read);
        Assert.Equal((1000, 1000), (stream.Length, stream.Position));
    }

    [Fact]
    public void A_copy_without_an_end_is_stopped() => Stopping.Soon(cancel =>
    {
        using var stream = new StoppableStream(new Endless(), cancel);
        stream.CopyTo(Stream.Null);
    });

    /// <summary>The token is looked at within a file, not only between two of them.</summary>
    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_single_large_file_of_an_archive_is_stopped(string kind)
    {
        var content = new byte[4 << 20];
        new Random(1).NextBytes(content);
        var path = folder["a." + kind];
        var files = new Dictionary<string, byte[]> { ["large"] = content };
        _ = kind == "zip" ? MadeUpFiles.Zip(path, files) : MadeUpFiles.TarGz(path, files);
        using var tree = FileTree.Open(path, "archive", TestContext.Current.CancellationToken);
        using var cancel = new CancellationTokenSource();
        var taken = 0;
        Assert.Throws<OperationCanceledException>(() => tree.Read(new HashSet<string> { "large" }, (_, _) => taken++, _ =>
        {
            cancel.Cancel(); // its size is asked for just before it is read
            return FileTree.UsualLimit;
        }, cancel: cancel.Token));
        Assert.Equal(0, taken);
        Assert.Equal(content, tree.Read("large"));
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(Span<byte> buffer) => buffer.Length;
    }
}
