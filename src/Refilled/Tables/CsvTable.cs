using System.Globalization;
using System.Text;

namespace Refilled.Tables;

/// <summary>Writes a report as comma-separated values (RFC 4180, but with plain line feeds): a line for each row and baseline,
/// numbers in full.</summary>
public static class CsvTable
{
    /// <summary>The header and the lines. What isn't known is empty.</summary>
    public static string Write(TableReport report)
    {
        var text = new StringBuilder("split,classes,teacher,student,method,seeds,epochs,top1,top1_deviation,top1_selected,ncm,seconds,poster,baseline,gain,gain_low,gain_high,gain_clear\n");
        foreach (var section in report.Sections)
            foreach (var row in section.Rows)
                foreach (var gain in row.Gains.Count > 0 ? row.Gains : [new TableGain("", null)])
                {
                    object?[] fields =
                    [
                        section.Split, section.Classes, section.Teacher, section.Student, row.Method, string.Join(' ', row.Seeds), row.Epochs, row.Top1, row.Deviation, row.Top1Selected, row.Ncm, row.Seconds, row.Poster,
                        gain.Baseline, gain.Gain?.Points, gain.Gain?.Low, gain.Gain?.High, gain.Gain is null ? null : gain.Gain.IsClear ? "yes" : "no",
                    ];
                    text.AppendJoin(',', fields.Select(Field)).Append('\n');
                }
        return text.ToString();
    }

    /// <summary>A field; numbers to six places, without a minus before zero, and what isn't known is empty.</summary>
    internal static string Field(object? value)
    {
        var text = Convert.ToString(value is double number ? Math.Round(number, 6) + 0.0 : value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
