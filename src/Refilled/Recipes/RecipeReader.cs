namespace Refilled.Recipes;

/// <summary>Reads recipes: YAML files with includes, then edits, bound to an immutable record.</summary>
/// <remarks>Keys are kebab-case. The key <c>include</c> names a file, or a list of files, relative to the one that names
/// it; they are merged first, and later keys win; so does it in a mapping within. Anchors and aliases are refused.</remarks>
public static class RecipeReader
{
    /// <summary>What is blamed for values that nobody has given, where there is no file.</summary>
    private const string NoFile = "command line";

    /// <summary>Reads a recipe.</summary>
    /// <param name="file">The file, or null for the record's defaults alone.</param>
    /// <param name="edits">Changes, applied in order.</param>
    /// <exception cref="RecipeException">Something is wrong; the exception holds everything that is.</exception>
    public static T Read<T>(string? file, IEnumerable<RecipeEdit> edits) where T : class => Read<T>(file, edits, _ => null);

    /// <summary>As the other, with names for what is missing where there is no file.</summary>
    /// <param name="file">The file, or null for the record's defaults alone.</param>
    /// <param name="edits">Changes, applied in order.</param>
    /// <param name="option">The option that gives the value of a path; null where there is none.</param>
    internal static T Read<T>(string? file, IEnumerable<RecipeEdit> edits, Func<string, string?> option) where T : class
    {
        var errors = new List<RecipeError>();
        var document = new RecipeDocument(errors);
        var root = Merged(document, file, edits);
        var bound = new RecipeBinder(errors, document.Incomplete).Record(root, typeof(T), null, "");
        return errors.Count == 0
            ? (T)bound!
            : throw new RecipeException([.. errors
                .Select(error => error.Source == NoFile && option(error.About) is { } name ? error with { Source = name } : error)
                .OrderBy(error => error.Source == file ? 0 : 1)
                .ThenBy(error => error.Source, StringComparer.Ordinal).ThenBy(error => error.Line)]);
    }

    /// <summary>What a recipe says at a key of the top, unchecked.</summary>
    /// <remarks>Null where it says nothing, or nothing that can be read.</remarks>
    internal static RecipeNode? Peek(string? file, IEnumerable<RecipeEdit> edits, string key) =>
        Merged(new RecipeDocument([]), file, edits).Values.GetValueOrDefault(key);

    /// <summary>Binds parts that were read already, laid over each other in order.</summary>
    /// <returns>Null where something is wrong; what, is added to the errors.</returns>
    internal static T? Bind<T>(IEnumerable<RecipeNode.Mapping> parts, List<RecipeError> errors) where T : class
    {
        var found = new List<RecipeError>();
        var bound = new RecipeBinder(found, false).Record(parts.Aggregate((under, over) => under.Merge(over)), typeof(T), null, "");
        errors.AddRange(found.Where(error => !errors.Contains(error)));
        return found.Count == 0 ? (T)bound! : null;
    }

    private static RecipeNode.Mapping Merged(RecipeDocument document, string? file, IEnumerable<RecipeEdit> edits)
    {
        var root = file is null
            ? new RecipeNode.Mapping(NoFile, 0, new Dictionary<string, RecipeNode>())
            : document.ReadFile(file, "--recipe", 0) ?? new RecipeNode.Mapping(file, 0, new Dictionary<string, RecipeNode>());
        foreach (var edit in edits)
            if (document.Edit(edit) is { } value) root = root.Merge(RecipeNode.At(edit.Path, value, value.Source));
        return root;
    }
}
