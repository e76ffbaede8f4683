namespace Refilled.Native;

/// <summary>The engine's native libraries can't be loaded here; the message says which and what to do.</summary>
public sealed class NativeLoadException : InputException
{
    /// <inheritdoc cref="NativeLoadException"/>
    public NativeLoadException(string message) : base(message) { }

    /// <inheritdoc cref="NativeLoadException"/>
    public NativeLoadException(string message, Exception inner) : base(message, inner) { }
}
