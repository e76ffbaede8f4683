namespace Refilled.Recipes;

/// <summary>A recipe can't be used; the message holds everything that is wrong with it, a line each.</summary>
public sealed class RecipeException : InputException
{
    /// <inheritdoc cref="RecipeException"/>
    public RecipeException(IReadOnlyList<RecipeError> errors) : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>All errors, in the order of files and lines.</summary>
    public IReadOnlyList<RecipeError> Errors { get; }
}
