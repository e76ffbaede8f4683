namespace Refilled.Recipes;

/// <summary>A mapping of a recipe that is kept as it was read, with its places in the files: it is laid over other parts, and
/// bound and checked with them.</summary>
public sealed class RecipePart
{
    internal RecipePart(RecipeNode.Mapping node) => Node = node;

    /// <summary>Nothing.</summary>
    public static RecipePart Empty { get; } = new(new RecipeNode.Mapping("", 0, new Dictionary<string, RecipeNode>()));

    /// <summary>The keys at the top, in order.</summary>
    public IReadOnlyCollection<string> Keys => [.. Node.Values.Keys];

    internal RecipeNode.Mapping Node { get; }
}
