namespace Refilled.Recipes;

/// <summary>A value of a recipe that is kept as it was read, with its place in the file: it becomes a value of other recipes, whose
/// mistakes are then reported where it stands.</summary>
public sealed class RecipeText
{
    internal RecipeText(RecipeNode.Scalar node) => Node = node;

    /// <summary>The value.</summary>
    public string Text => Node.Text;

    internal RecipeNode.Scalar Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
