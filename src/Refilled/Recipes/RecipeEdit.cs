namespace Refilled.Recipes;

/// <summary>A change to a recipe from the command line.</summary>
/// <param name="Path">The value's path, such as "stage1.epochs".</param>
/// <param name="Value">The value: a list, a mapping or a quoted text as YAML writes it on one line; anything else is one
/// unquoted value as it stands, so that paths may hold " #" and ": ".</param>
/// <param name="Origin">Who asks for it, for messages: "--epochs1".</param>
public sealed record RecipeEdit(string Path, string Value, string Origin)
{
    /// <summary>Reads "path=value".</summary>
    /// <exception cref="InputException">There is no "=", or no path.</exception>
    public static RecipeEdit Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || text.AsSpan(0, equals).IsWhiteSpace())
            throw new InputException($"--set {text}: write path=value, such as stage1.epochs=8.");
        return new RecipeEdit(text[..equals].Trim(), text[(equals + 1)..].Trim(), $"--set {text}");
    }
}
