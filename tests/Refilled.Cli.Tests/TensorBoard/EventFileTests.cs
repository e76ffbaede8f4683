using Refilled.Cli.TensorBoard;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests.TensorBoard;

public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bytes_are_those_that_the_format_asks_for()
    {
        EventFile.Write(folder.Path, []);
        // The first event of every file: wall time 0, version "brain.Event:2". The checksums are TensorFlow's own of these bytes.
        var bytes = File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.Equal("0F00000000000000", Convert.ToHexString(bytes[..8]));
        Assert.Equal("1A0D627261696E2E4576656E743A32", Convert.ToHexString(bytes[12..27]));
        Assert.Equal(Masked(bytes[..8]), BitConverter.ToUInt32(bytes, 8));
        Assert.Equal(Masked(bytes[12..27]), BitConverter.ToUInt32(bytes, 27));
        // RFC 3720, B.4: the CRC-32C of 32 zeros.
        Assert.Equal(0x8a9136aau, Crc(new byte[32]));
    }

    [Fact]
    public void What_is_written_is_read_and_the_last_writing_stands()
    {
        Event[] events = [Scalar(1, 100, 0.5f), Scalar(2, 101.5, 0.25f)];
        EventFile.Write(folder.Path, [Scalar(1, 7, 1)]);
        EventFile.Write(folder.Path, events);
        var read = EventFile.Read(Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.Equal("brain.Event:2", read[0].FileVersion);
        Assert.Equal(events, read.Skip(1));
    }

    [Fact]
    public void Any_flipped_bit_is_seen()
    {
        EventFile.Write(folder.Path, [Scalar(1, 100, 0.5f)]);
        var path = Assert.Single(Directory.GetFiles(folder.Path));
        var whole = File.ReadAllBytes(path);
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(path, damaged);
            Assert.Throws<InvalidDataException>(() => EventFile.Read(path));
        }
        File.WriteAllBytes(path, whole[..^1]);
        Assert.Throws<InvalidDataException>(() => EventFile.Read(path));
    }

    private static Event Scalar(long step, double time, float value)
    {
        var summary = new Summary { Value = { new Summary.Types.Value { Tag = "loss", SimpleValue = value } } };
        return new Event { Step = step, WallTime = time, Summary = summary };
    }

    private static uint Masked(byte[] data)
    {
        var crc = Crc(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    /// <summary>CRC-32C bit by bit.</summary>
    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }
        return ~crc;
    }
}
