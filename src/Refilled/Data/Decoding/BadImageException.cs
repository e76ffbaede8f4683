namespace Refilled.Data.Decoding;

/// <summary>An image can't be decoded. The message completes "the file …".</summary>
internal sealed class BadImageException(string message) : Exception(message);
