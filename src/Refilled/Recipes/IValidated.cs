namespace Refilled.Recipes;

/// <summary>A part of a recipe that can say what is wrong with its values, beyond their types.</summary>
public interface IValidated
{
    /// <summary>All that is wrong: the path of the value, relative to this part and in kebab-case, and a message. Also asked
    /// where required values are missing: those are null then.</summary>
    IEnumerable<(string Path, string Message)> Validate();
}
