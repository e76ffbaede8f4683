namespace Refilled.Charts;

/// <summary>A picture as what is drawn on it, first to last; <see cref="SvgSheet"/> and <see cref="PngSheet"/> make files of it.</summary>
/// <remarks>Lengths are in pixels, from the upper left corner.</remarks>
/// <param name="width">Its width.</param>
/// <param name="height">Its height.</param>
/// <param name="title">What it is, for those who can't see it.</param>
/// <param name="description">What it shows, for them.</param>
internal sealed class Sheet(double width, double height, string title, string description)
{
    private readonly List<Mark> marks = [];

    public double Width => width;

    public double Height => height;

    public string Title => title;

    public string Description => description;

    /// <summary>What is drawn, in order.</summary>
    public IReadOnlyList<Mark> Marks => marks;

    /// <summary>Draws a mark over those before it.</summary>
    public void Add(Mark mark) => marks.Add(mark);

    /// <summary>Writes a line of text.</summary>
    /// <inheritdoc cref="Words"/>
    public void Write(double x, double y, string text, double size = 12, Anchor anchor = Anchor.Start, Ink ink = Ink.Text,
        bool upward = false) => Add(new Words(x, y, text, size, anchor, ink, upward));

    /// <summary>Draws a straight line.</summary>
    public void Rule(double x1, double y1, double x2, double y2, Ink ink, double lineWidth = 1, Dash dash = Dash.None) =>
        Add(new Stroke([(x1, y1), (x2, y2)], ink, lineWidth, dash));
}

/// <summary>Something that is drawn.</summary>
internal abstract record Mark;

/// <summary>A line through some points.</summary>
internal sealed record Stroke(IReadOnlyList<(double X, double Y)> Points, Ink Ink, double Width, Dash Dash = Dash.None) : Mark;

/// <summary>A filled shape.</summary>
/// <param name="Points">Its corners.</param>
/// <param name="Ink">What it is filled with.</param>
/// <param name="Opacity">From 0 to 1.</param>
internal sealed record Area(IReadOnlyList<(double X, double Y)> Points, Ink Ink, double Opacity) : Mark;

/// <summary>A small sign at a place.</summary>
/// <param name="X">Its middle.</param>
/// <param name="Y">Its middle.</param>
/// <param name="Radius">Half its size.</param>
/// <param name="Ink">What it is filled with.</param>
/// <param name="Shape">Its outline.</param>
internal sealed record Dot(double X, double Y, double Radius, Ink Ink, Shape Shape = Shape.Circle) : Mark;

/// <summary>A line of text.</summary>
/// <param name="X">Where the anchor is.</param>
/// <param name="Y">Where the letters stand.</param>
/// <param name="Text">The text.</param>
/// <param name="Size">The font's size.</param>
/// <param name="Anchor">Which part of the text is at X.</param>
/// <param name="Ink">What it is written with.</param>
/// <param name="Upward">Whether it runs from below to above.</param>
internal sealed record Words(double X, double Y, string Text, double Size, Anchor Anchor, Ink Ink, bool Upward) : Mark;

/// <summary>A small image, its pixels enlarged as they are.</summary>
/// <param name="X">Its left side.</param>
/// <param name="Y">Its upper side.</param>
/// <param name="Width">Its width on the sheet.</param>
/// <param name="Height">Its height on the sheet.</param>
/// <param name="Png">The file.</param>
internal sealed record Thumbnail(double X, double Y, double Width, double Height, byte[] Png) : Mark;

/// <summary>Which part of a text is at its place.</summary>
internal enum Anchor
{
    Start,
    Middle,
    End,
}

/// <summary>How a line is interrupted.</summary>
internal enum Dash
{
    None,
    Long,
    Short,
    Dots,
}

/// <summary>The outline of a small sign.</summary>
internal enum Shape
{
    Circle,
    Square,
    Triangle,
    Diamond,
}
