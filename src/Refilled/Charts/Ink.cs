namespace Refilled.Charts;

/// <summary>What a mark is drawn with; each ink has a colour on light paper and one on dark.</summary>
/// <remarks>The colours are those of Okabe and Ito, which the colour-blind can tell apart, darkened or lightened where the paper asks for
/// it. Nothing is told by colour alone: lines have dashes and names, places on a map have shapes.</remarks>
internal enum Ink
{
    Paper,
    Text,
    Muted,
    Grid,
    Blue,
    Vermilion,
    Green,
    Purple,
    Orange,
    Sky,
    Ochre,
    Grey,
}

/// <summary>The colours of the inks.</summary>
internal static class Palette
{
    /// <summary>Inks for things of one kind, in the order in which they are given out.</summary>
    public static IReadOnlyList<Ink> Series { get; } =
        [Ink.Blue, Ink.Vermilion, Ink.Green, Ink.Purple, Ink.Orange, Ink.Sky, Ink.Ochre, Ink.Grey];

    /// <summary>The colour of an ink, as six hexadecimal digits: red, green, blue.</summary>
    public static string Colour(Ink ink, bool dark) => (ink, dark) switch
    {
        (Ink.Paper, false) => "ffffff",
        (Ink.Paper, true) => "16191d",
        (Ink.Text, false) => "222222",
        (Ink.Text, true) => "e6e6e6",
        (Ink.Muted, false) => "595959",
        (Ink.Muted, true) => "a8a8a8",
        (Ink.Grid, false) => "dddddd",
        (Ink.Grid, true) => "3a3f45",
        (Ink.Blue, false) => "0072b2",
        (Ink.Blue, true) => "3d95d8",
        (Ink.Vermilion, false) => "d55e00",
        (Ink.Vermilion, true) => "f07a2a",
        (Ink.Green, false) => "009e73",
        (Ink.Green, true) => "22c294",
        (Ink.Purple, false) => "c05f95",
        (Ink.Purple, true) => "dd8fbc",
        (Ink.Orange, false) => "e69f00",
        (Ink.Orange, true) => "f2b632",
        (Ink.Sky, false) => "56b4e9",
        (Ink.Sky, true) => "9adcff",
        (Ink.Ochre, false) => "8a7a00",
        (Ink.Ochre, true) => "e8dc52",
        (Ink.Grey, false) => "6b6b6b",
        _ => "b4b4b4",
    };
}
