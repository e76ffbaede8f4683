namespace Refilled.Recipes;

/// <summary>A text of a recipe that may name a file.</summary>
/// <remarks>A name with an extension is looked for beside the recipe that holds it, then from the current folder, so that a recipe
/// and its lists can be moved together; what comes from the command line is taken as it stands.</remarks>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BesideRecipeAttribute : Attribute
{
    /// <summary>Whether it may name a folder, too, whose name needs no extension.</summary>
    public bool OrFolder { get; init; }
}

/// <summary>A mapping that may also be written as a single value, which stands for one of its keys.</summary>
/// <remarks>"soft-targets: 0.9" for "soft-targets: { weight: 0.9 }".</remarks>
/// <param name="property">The property that the value is for.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShorthandAttribute(string property) : Attribute
{
    /// <summary>The key that the value is for.</summary>
    public string Key { get; } = RecipeNames.Kebab(property);
}

/// <summary>A value that may also be written within a part: "episode: { way: 3 }" for "way: 3".</summary>
/// <remarks>Where the part is the value's own key, a single value there is this one: "validation: 0-4" for "validation: { classes: 0-4 }".
/// Recipes are written without the part.</remarks>
/// <param name="part">The part's key.</param>
/// <param name="key">The value's key within it.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlsoWithinAttribute(string part, string key) : Attribute
{
    /// <summary>The part's key.</summary>
    public string Part { get; } = part;

    /// <summary>The value's key within the part.</summary>
    public string Key { get; } = key;
}

/// <summary>A mapping of optional parts, each starting from the part of the same name in another section.</summary>
/// <remarks>What a part that is named doesn't give is what that section of the recipe says.</remarks>
/// <param name="section">The section: the name of the recipe's property, which must be declared before.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class StartsFromAttribute(string section) : Attribute
{
    /// <summary>The section's property.</summary>
    public string Section { get; } = section;
}
