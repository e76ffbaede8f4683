namespace Refilled.Recipes;

/// <summary>A mapping of optional parts, of which each that is named starts from the part of the same name in another section of
/// the recipe: what it doesn't give is what that section says.</summary>
/// <param name="section">The section: the name of the recipe's property, which must be declared before.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class StartsFromAttribute(string section) : Attribute
{
    /// <summary>The section's property.</summary>
    public string Section { get; } = section;
}
