using Refilled.Recipes;

namespace Refilled.Tables;

/// <summary>Parts of recipes that a table decides.</summary>
/// <remarks>They have no line, so that what they are laid over keeps its place.</remarks>
internal static class TableParts
{
    private const string Source = "table";

    /// <summary>Stands for data that a table doesn't name, which is enough to render it.</summary>
    private static readonly RecipeNode.Scalar Unnamed = Value("generated");

    /// <summary>A value at a path such as "seeds.run".</summary>
    public static RecipeNode.Mapping Given(string path, RecipeNode value) => RecipeNode.At(path, value, Source);

    /// <inheritdoc cref="Given(string, RecipeNode)"/>
    public static RecipeNode.Mapping Given(string path, string value) => Given(path, Value(value));

    /// <summary>The data.</summary>
    public static RecipeNode.Mapping Data(RecipeText? data) => Given("data", data?.Node ?? Unnamed);

    /// <summary>No value.</summary>
    public static RecipeNode Nothing { get; } = Value("null");

    /// <summary>An empty list.</summary>
    public static RecipeNode EmptyList { get; } = new RecipeNode.Sequence(Source, 0, []);

    /// <summary>A text that is no number, truth or null, whatever it looks like.</summary>
    public static RecipeNode Quoted(string text) => new RecipeNode.Scalar(Source, 0, text, Plain: false);

    /// <summary>Adds a mistake, once.</summary>
    public static void Blame(this List<RecipeError> errors, RecipeNode near, string path, string message)
    {
        var error = new RecipeError(near.Source, near.Line, path, message);
        if (!errors.Contains(error)) errors.Add(error);
    }

    private static RecipeNode.Scalar Value(string text) => new RecipeNode.Scalar(Source, 0, text, Plain: true);
}
