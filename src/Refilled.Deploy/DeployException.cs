namespace Refilled.Deploy;

/// <summary>A model or an image can't be used; the message says which, why, and what would be right.</summary>
public class DeployException : Exception
{
    /// <inheritdoc cref="DeployException"/>
    /// <param name="message">What is wrong, and what would be right.</param>
    public DeployException(string message) : base(message) { }

    /// <inheritdoc cref="DeployException"/>
    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="inner">The cause.</param>
    public DeployException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>An image can't be used: it is missing, no image, damaged, or too large.</summary>
public sealed class ImageException : DeployException
{
    /// <inheritdoc cref="ImageException"/>
    /// <param name="message">What is wrong, and what would be right.</param>
    public ImageException(string message) : base(message) { }

    /// <inheritdoc cref="ImageException"/>
    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="inner">The cause.</param>
    public ImageException(string message, Exception inner) : base(message, inner) { }
}
