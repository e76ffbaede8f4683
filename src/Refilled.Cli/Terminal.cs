using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Refilled.Training;

namespace Refilled.Cli;

/// <summary>Where a command writes: results to <paramref name="Out"/>, progress and logs to <paramref name="Error"/>.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Live">Whether standard error is a terminal that a progress bar can be drawn on.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool Live)
{
    /// <summary>Writes a line to standard output, without blanks at its end.</summary>
    public void Print(InvariantText line) => Out.WriteLine(line.ToString().TrimEnd());

    /// <summary>Writes one JSON object as the last line of standard output.</summary>
    public void WriteJson(object value) => Out.WriteLine(JsonSerializer.Serialize(value, RunFolder.Json));
}

/// <summary>A text whose numbers are written alike in every country.</summary>
[InterpolatedStringHandler]
internal ref struct InvariantText(int literals, int values)
{
    private DefaultInterpolatedStringHandler text = new(literals, values, CultureInfo.InvariantCulture);

    public void AppendLiteral(string literal) => text.AppendLiteral(literal);

    public void AppendFormatted<T>(T value, int alignment = 0, string? format = null) => text.AppendFormatted(value, alignment, format);

    public override string ToString() => text.ToStringAndClear();
}
