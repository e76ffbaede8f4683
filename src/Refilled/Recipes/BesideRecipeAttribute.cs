namespace Refilled.Recipes;

/// <summary>A text of a recipe that may name a file. A name with an extension that leads nowhere from the current folder is looked
/// for beside the recipe that holds it, so that a recipe and its lists can be moved together; what comes from the command line is
/// taken as it stands.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BesideRecipeAttribute : Attribute;
