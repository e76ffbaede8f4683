using System.Text;

namespace Refilled.Files;

/// <summary>A table as text: values between commas, semicolons or tabs, in quotes where they need them.</summary>
/// <remarks>The first line says which of the three it is. As spreadsheets write them: with or without a byte order mark, in UTF-8 or
/// UTF-16, with any ends of lines; a quote within quotes is doubled. Lines of no values are left out, spaces around values too.</remarks>
internal static class DelimitedText
{
    /// <summary>Reads a table.</summary>
    /// <param name="content">The file.</param>
    /// <param name="where">What it is called, for messages.</param>
    /// <exception cref="InputException">It is no such text; the message names the line.</exception>
    public static IReadOnlyList<TextRow> Read(byte[] content, string where)
    {
        var text = Decode(content, where);
        var (separator, at, line) = (Separator(text), 0, 1);
        var rows = new List<TextRow>();
        while (at < text.Length)
        {
            var (first, values) = (line, new List<string>());
            do values.Add(Value(text, separator, ref at, ref line, where));
            while (at < text.Length && text[at++] == separator);
            line++;
            if (values.Any(value => value.Length > 0)) rows.Add(new TextRow(first, values));
        }
        return rows;
    }

    /// <summary>Reads a value, up to the separator or the end of the line.</summary>
    private static string Value(string text, char separator, ref int at, ref int line, string where)
    {
        var value = new StringBuilder();
        var first = line;
        while (at < text.Length && text[at] == ' ') at++;
        if (at < text.Length && text[at] == '"')
        {
            for (at++; ; at++)
            {
                if (at >= text.Length) throw new InputException($"{where}:{first}: a quote begins here and doesn't end.");
                if (text[at] == '"' && (at + 1 == text.Length || text[at + 1] != '"')) break;
                if (text[at] == '"') at++;
                if (text[at] == '\n') line++;
                value.Append(text[at]);
            }
            at++;
        }
        var rest = at;
        while (at < text.Length && text[at] != separator && text[at] != '\n') at++;
        return (value.ToString() + text[rest..at]).Trim();
    }

    private static char Separator(string text)
    {
        var counts = new Dictionary<char, int> { [','] = 0, [';'] = 0, ['\t'] = 0 };
        var quoted = false;
        foreach (var c in text.TrimStart('\n'))
        {
            if (c == '"') quoted = !quoted;
            else if (c == '\n' && !quoted) break;
            else if (!quoted && counts.TryGetValue(c, out var count)) counts[c] = count + 1;
        }
        return counts.MaxBy(pair => pair.Value).Key;
    }

    private static string Decode(byte[] content, string where)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(content), new UTF8Encoding(false, throwOnInvalidBytes: true));
            var text = reader.ReadToEnd();
            return text.Contains('\0', StringComparison.Ordinal) ? throw new InputException($"{where} is no text.")
                : text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{where} is no text in UTF-8. A spreadsheet writes that as 'CSV UTF-8'.");
        }
    }
}

/// <summary>A line of a table.</summary>
/// <param name="Line">Its number; of a value with several lines, the first's.</param>
/// <param name="Values">Its values.</param>
internal sealed record TextRow(int Line, IReadOnlyList<string> Values);
