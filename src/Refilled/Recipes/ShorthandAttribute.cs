namespace Refilled.Recipes;

/// <summary>A mapping that may also be written as a single value, which stands for one of its keys: "soft-targets: 0.9" for
/// "soft-targets: { weight: 0.9 }".</summary>
/// <param name="property">The property that the value is for.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShorthandAttribute(string property) : Attribute
{
    /// <summary>The key that the value is for.</summary>
    public string Key { get; } = RecipeNames.Kebab(property);
}
