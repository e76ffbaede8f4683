namespace Refilled.Files;

/// <summary>What a pickle may speak of beyond plain data: names as words, and what is made of them.</summary>
/// <remarks>Nothing is looked up or called. What isn't known is null here, and refused by the reader; a <see cref="FormatException"/>
/// says what is wrong with something known.</remarks>
internal abstract class PickleWords
{
    /// <summary>What is read with them, in messages.</summary>
    public abstract string Subject { get; }

    /// <summary>The word that a name stands for.</summary>
    public virtual object? Named(string module, string name) => null;

    /// <summary>What a call with a word makes.</summary>
    public virtual object? Called(object? callee, object?[] arguments) => null;

    /// <summary>What stands for an object of a class that is a word.</summary>
    public virtual object? Created(object? kind) => null;

    /// <summary>What lies outside the pickle under an id.</summary>
    public virtual object? Stored(object? id) => null;

    /// <summary>Takes the state of something that was made; false where it can have none.</summary>
    public virtual bool Described(object target, object? state) => false;

    /// <summary>What somebody can do whose pickle holds a name that isn't known; nothing, or "; do this".</summary>
    public virtual string WayOut(string module, string name) => "";
}
