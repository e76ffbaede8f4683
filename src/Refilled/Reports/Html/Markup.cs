using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Refilled.Reports.Html;

/// <summary>A piece of HTML. What is put into it is escaped, unless it is such a piece itself.</summary>
/// <param name="Text">The HTML.</param>
internal readonly record struct Markup(string Text)
{
    /// <summary>No HTML.</summary>
    public static Markup Nothing { get; } = new("");

    /// <summary>HTML with values in it.</summary>
    public static Markup Of(MarkupText text) => new(text.ToString());

    /// <summary>Pieces behind each other.</summary>
    public static Markup Join(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(piece => piece.Text)));

    /// <summary>A piece for each of some things.</summary>
    public static Markup Each<T>(IEnumerable<T> all, Func<T, Markup> piece) => Join(all.Select(piece));

    /// <summary>A text as HTML shows it, in an attribute as well.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in text)
            escaped.Append(letter switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                _ => letter.ToString(),
            });
        return escaped.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>HTML that is being written: values are escaped, and numbers are alike in every country.</summary>
[InterpolatedStringHandler]
internal ref struct MarkupText(int literals, int values)
{
    private readonly StringBuilder text = new(literals + 16 * values);

    public readonly void AppendLiteral(string literal) => text.Append(literal);

    public readonly void AppendFormatted(Markup piece) => text.Append(piece.Text);

    public readonly void AppendFormatted<T>(T value, string? format = null) =>
        text.Append(Markup.Escaped(value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture)
            : value?.ToString() ?? ""));

    public override readonly string ToString() => text.ToString();
}
