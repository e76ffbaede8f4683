using System.Buffers.Binary;

namespace Refilled.Deploy;

/// <summary>Reads the fields of a message of protobuf, one after the other, and nothing beyond its end.</summary>
/// <remarks>Every length is checked, so that the native runtime, which crashes on some damaged files, sees whole ones alone.</remarks>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The field's bytes where it has a length; else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The field's number where it is one; else 0.</summary>
    public ulong Number { get; private set; }

    /// <summary>Goes on to the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="FormatException">The message is damaged.</exception>
    public bool Next()
    {
        if (rest.IsEmpty) return false;
        var key = Varint();
        (Field, Number) = ((int)Math.Min(key >> 3, int.MaxValue), 0);
        Bytes = default;
        if (Field == 0) throw new FormatException("a field has no number");
        switch (key & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException("a field has no known kind");
        }
        return true;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length) throw new FormatException($"a field of {length} bytes begins {rest.Length} bytes before the end");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
        throw new FormatException("a number doesn't end");
    }
}
