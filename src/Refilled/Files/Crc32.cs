namespace Refilled.Files;

/// <summary>The checksum of zip archives (ISO 3309), over bytes that come piece by piece.</summary>
internal sealed class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(OfByte)];

    private uint state = uint.MaxValue;

    /// <summary>The sum of what was added.</summary>
    public uint Value => ~state;

    /// <summary>Adds the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes) state = Table[(byte)(state ^ one)] ^ (state >> 8);
    }

    private static uint OfByte(int number)
    {
        var rest = (uint)number;
        for (var bit = 0; bit < 8; bit++) rest = (rest & 1) == 0 ? rest >> 1 : (rest >> 1) ^ 0xEDB88320;
        return rest;
    }
}
