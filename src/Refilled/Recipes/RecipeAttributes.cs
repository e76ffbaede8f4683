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

/// <summary>A value that isn't written where it isn't given, so that recipes without it read as before.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AbsentUnlessGivenAttribute : Attribute;

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

/// <summary>A list of parts of another section: a mapping, each named by its key there.</summary>
/// <remarks>What a part doesn't give is as that section says. The list is in the section's order. Parts are told apart by their types: of
/// two of one type the first can be named.</remarks>
/// <param name="section">The section's type, of which the recipe must declare a property before.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PartsOfAttribute(Type section) : Attribute
{
    /// <summary>The section's type.</summary>
    public Type Section { get; } = section;
}
