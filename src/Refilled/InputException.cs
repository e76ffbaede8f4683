namespace Refilled;

/// <summary>The user's input cannot be used, and this was found before anything trained.</summary>
/// <remarks>The message names the file, key or value and says what would be right; the command prints it alone and exits with code
/// 2.</remarks>
public class InputException : Exception
{
    /// <inheritdoc cref="InputException"/>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    public InputException(string message) : base(message) { }

    /// <inheritdoc cref="InputException"/>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    /// <param name="inner">The cause.</param>
    public InputException(string message, Exception inner) : base(message, inner) { }
}
