namespace Refilled.Recipes;

/// <summary>A recipe can't be used; the message holds everything that is wrong with it, a line each.</summary>
public sealed class RecipeException : InputException
{
    /// <inheritdoc cref="RecipeException"/>
    public RecipeException(IReadOnlyList<RecipeError> errors) : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>All errors, in the order of files and lines.</summary>
    public IReadOnlyList<RecipeError> Errors { get; }
}

/// <summary>One thing that is wrong with a recipe.</summary>
/// <param name="Source">The file, or the option that edited the recipe.</param>
/// <param name="Line">The line in the file, from 1; 0 where there is none.</param>
/// <param name="Path">The value's path, such as "stage1.epochs"; empty for the whole.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record RecipeError(string Source, int Line, string Path, string Message)
{
    /// <summary>The path of the value that is wrong or missing, where it is another than <see cref="Path"/>.</summary>
    internal string About { get; init; } = Path;

    /// <summary>"file.yaml:12: stage1.epochs: message".</summary>
    public override string ToString() => $"{Source}{(Line > 0 ? $":{Line}" : "")}: {(Path.Length > 0 ? Path + ": " : "")}{Message}";
}
