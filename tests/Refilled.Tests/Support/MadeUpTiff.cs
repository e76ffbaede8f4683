namespace Refilled.Tests.Support;

/// <summary>TIFF files, written by the specification (TIFF 6.0) and by no library.</summary>
internal sealed class MadeUpTiff
{
    public const ushort Width = 256, Height = 257, Bits = 258, Compression = 259, Photometric = 262, Places = 273, Orientation = 274,
        Samples = 277, RowsPerStrip = 278, Lengths = 279, ColourMap = 320, Extra = 338, Format = 339;

    private readonly SortedDictionary<ushort, uint[]> tags = [];
    private readonly byte[] pixels;

    /// <param name="width">Columns that are stored.</param>
    /// <param name="height">Rows that are stored, in one strip.</param>
    /// <param name="bits">Bits of each sample of a pixel.</param>
    /// <param name="photometric">0 white is 0, 1 black is 0, 2 RGB, 3 palette.</param>
    /// <param name="pixels">The strip.</param>
    public MadeUpTiff(int width, int height, uint[] bits, uint photometric, byte[] pixels)
    {
        this.pixels = pixels;
        (this[Width], this[Height], this[Bits], this[Compression]) = ([(uint)width], [(uint)height], bits, [1]);
        (this[Photometric], this[Samples], this[RowsPerStrip]) = ([photometric], [(uint)bits.Length], [(uint)height]);
    }

    /// <summary>The numbers of a tag, all short ones unless they are too large.</summary>
    public uint[] this[ushort tag]
    {
        set => tags[tag] = value;
    }

    /// <summary>Whether numbers have their high bytes first.</summary>
    public bool Big { get; init; }

    /// <summary>The file; other pages follow.</summary>
    public byte[] File(params MadeUpTiff[] others)
    {
        var file = new MemoryStream();
        file.Write(Big ? "MM"u8 : "II"u8);
        Number(file, 42, 2, Big);
        foreach (var page in others.Prepend(this)) page.Add(file, Big);
        Number(file, 0, 4, Big);
        return file.ToArray();
    }

    /// <summary>Adds the place of the directory, pixels, the numbers that don't fit into it, and it itself; its end is open.</summary>
    private void Add(MemoryStream file, bool big)
    {
        var link = file.Position;
        Number(file, 0, 4, big);
        tags[Places] = [(uint)file.Position];
        tags[Lengths] = [(uint)pixels.Length];
        file.Write(pixels);
        var places = new Dictionary<ushort, uint>();
        foreach (var (tag, values) in tags.Where(pair => pair.Value.Length * BytesOf(pair.Value) > 4))
        {
            places[tag] = (uint)file.Position;
            foreach (var value in values) Number(file, value, BytesOf(values), big);
        }
        var at = (uint)file.Position;
        Number(file, (uint)tags.Count, 2, big);
        foreach (var (tag, values) in tags)
        {
            Number(file, tag, 2, big);
            Number(file, BytesOf(values) == 2 ? 3u : 4, 2, big);
            Number(file, (uint)values.Length, 4, big);
            if (places.TryGetValue(tag, out var place))
            {
                Number(file, place, 4, big);
                continue;
            }
            var end = file.Position + 4;
            foreach (var value in values) Number(file, value, BytesOf(values), big);
            while (file.Position < end) file.WriteByte(0);
        }
        var back = file.Position;
        file.Position = link;
        Number(file, at, 4, big);
        file.Position = back;
    }

    private static int BytesOf(uint[] values) => values.Max() > ushort.MaxValue ? 4 : 2;

    private static void Number(MemoryStream file, uint value, int bytes, bool big)
    {
        for (var i = 0; i < bytes; i++) file.WriteByte((byte)(value >> 8 * (big ? bytes - 1 - i : i)));
    }
}
