using System.Text.RegularExpressions;

namespace Refilled.Data.Sources;

/// <summary>What says which images belong together: a column of a list, or a pattern of files' names.</summary>
/// <remarks>Pictures of one object, burst or person are nearly the same image, so that they may not stand on both sides of a
/// division.</remarks>
internal sealed class SubjectRule
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Regex? pattern;

    private SubjectRule(string text, Regex? pattern) => (Text, this.pattern) = (text, pattern);

    /// <summary>The rule as it was written.</summary>
    public string Text { get; }

    /// <summary>The column's name; null where it is a pattern.</summary>
    public string? Column => pattern is null ? Text : null;

    /// <summary>Reads a rule: what has a parenthesis is a pattern.</summary>
    /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
    public static SubjectRule Parse(string text)
    {
        const string Form = "Write the name of a column of the list, or a pattern of the files' names with one group in parentheses, "
            + @"such as '([^/]+)_\d+\.jpg$'.";
        if (text.Trim().Length == 0) throw new InputException($"It is empty. {Form}");
        if (!text.Contains('(', StringComparison.Ordinal)) return new SubjectRule(text.Trim(), null);
        try
        {
            var pattern = new Regex(text, RegexOptions.CultureInvariant, Patience);
            return pattern.GetGroupNumbers().Length == 2 ? new SubjectRule(text, pattern)
                : throw new InputException($"'{text}' has {pattern.GetGroupNumbers().Length - 1} groups. {Form}");
        }
        catch (ArgumentException e)
        {
            throw new InputException($"'{text}' is no pattern: {e.Message.TrimEnd('.')}. {Form}", e);
        }
    }

    /// <summary>The subject of a file, by the pattern.</summary>
    /// <param name="name">Its name within the source.</param>
    /// <exception cref="InputException">The pattern doesn't fit.</exception>
    public string Of(string name)
    {
        try
        {
            var match = pattern!.Match(name);
            return match.Success ? match.Groups[pattern.GetGroupNumbers()[1]].Value
                : throw new InputException($"group-by: the pattern '{Text}' doesn't fit the file '{name}'; it must fit each.");
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new InputException($"group-by: the pattern '{Text}' takes too long on the file '{name}'; write a simpler one.", e);
        }
    }
}
