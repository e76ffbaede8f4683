using System.Text.Json;
using Refilled.Training;

namespace Refilled.Cli;

/// <summary>Where a command writes: results to <paramref name="Out"/>, progress and logs to <paramref name="Error"/>.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Live">Whether standard error is a terminal that a progress bar can be drawn on.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool Live)
{
    /// <summary>Writes one JSON object as the last line of standard output.</summary>
    public void WriteJson(object value) => Out.WriteLine(JsonSerializer.Serialize(value, RunFolder.Json));
}
