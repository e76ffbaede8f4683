using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Refilled.Files;

namespace Refilled.Cli.TensorBoard;

/// <summary>Files of events as TensorBoard reads them: each event between its length and its checksum (the TFRecord format).</summary>
internal static class EventFile
{
    private const string Version = "brain.Event:2";

    /// <summary>Writes a file of events, atomically, in place of those that were in the folder.</summary>
    /// <param name="folder">The folder; it is made.</param>
    /// <param name="events">What is in it, by their steps.</param>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string folder, IReadOnlyList<Event> events)
    {
        var first = events.Count > 0 ? events[0].WallTime : 0;
        Disk.Try(() =>
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, FormattableString.Invariant($"events.out.tfevents.{(long)first:d10}.refilled"));
            AtomicFile.Write(path, stream =>
            {
                Append(stream, new Event { WallTime = first, FileVersion = Version });
                foreach (var one in events) Append(stream, one);
            });
            foreach (var earlier in Directory.GetFiles(folder, "events.out.tfevents.*.refilled"))
                if (earlier != path) File.Delete(earlier);
        }, e => new InputException($"The events can't be written to '{folder}': {e.Message}", e));
    }

    /// <summary>Reads a file back.</summary>
    /// <exception cref="InvalidDataException">A length or a checksum is wrong.</exception>
    public static IReadOnlyList<Event> Read(string path)
    {
        var events = new List<Event>();
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        while (file.Length > 0)
        {
            if (file.Length < 16) throw new InvalidDataException($"'{path}' ends within an event.");
            var length = BinaryPrimitives.ReadUInt64LittleEndian(file);
            if (length > (ulong)file.Length - 16 || Checksum(file[..8]) != BinaryPrimitives.ReadUInt32LittleEndian(file[8..]))
                throw new InvalidDataException($"In '{path}' the length of event {events.Count} is damaged.");
            var data = file.Slice(12, (int)length);
            if (Checksum(data) != BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + (int)length)..]))
                throw new InvalidDataException($"In '{path}' event {events.Count} is damaged.");
            events.Add(Event.Parser.ParseFrom(data));
            file = file[(16 + (int)length)..];
        }
        return events;
    }

    private static void Append(Stream stream, Event one)
    {
        var data = one.ToByteArray();
        Span<byte> head = stackalloc byte[12], tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Checksum(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(tail);
    }

    /// <summary>CRC-32C, turned and shifted, so that a checksum of data that hold checksums is none of them.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        var sum = uint.MaxValue;
        foreach (var one in data) sum = BitOperations.Crc32C(sum, one);
        sum = ~sum;
        return BitOperations.RotateRight(sum, 15) + 0xa282ead8;
    }
}
