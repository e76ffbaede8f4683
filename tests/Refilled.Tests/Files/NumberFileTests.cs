using System.Text;
using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

/// <summary>NumPy's files, read here by what their description says.</summary>
public sealed class NumberFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 3)]
    [InlineData(12345, 2)]
    public void The_header_says_the_shape_and_the_numbers_follow(int rows, int width)
    {
        var numbers = Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, width).Select(i => row + i / 10f).ToArray()).ToList();
        NumberFile.Write(folder["a", "x.npy"], numbers, width);
        var bytes = File.ReadAllBytes(folder["a", "x.npy"]);
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], bytes[..8]);
        var length = BitConverter.ToUInt16(bytes, 8);
        Assert.Equal(0, (10 + length) % 64);
        var header = Encoding.ASCII.GetString(bytes, 10, length);
        Assert.Equal($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}", header.TrimEnd());
        Assert.EndsWith("\n", header, StringComparison.Ordinal);
        Assert.Equal(10 + length + 4 * rows * width, bytes.Length);
        if (rows > 0) Assert.Equal(rows - 1 + (width - 1) / 10f, BitConverter.ToSingle(bytes, bytes.Length - 4));
    }

    [Fact]
    public void A_file_that_can_not_be_written_is_said() => Assert.Contains("can't be written",
        Assert.Throws<InputException>(() => NumberFile.Write(Path.Combine(folder.Write("file", ""), "x.npy"), [], 1)).Message,
        StringComparison.Ordinal);
}
