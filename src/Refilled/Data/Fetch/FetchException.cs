namespace Refilled.Data.Fetch;

/// <summary>The network, the server or the disk failed while an archive was fetched or unpacked; the message says which,
/// and what is kept.</summary>
public sealed class FetchException : Exception
{
    /// <inheritdoc cref="FetchException"/>
    public FetchException(string message) : base(message) { }

    /// <inheritdoc cref="FetchException"/>
    public FetchException(string message, Exception inner) : base(message, inner) { }
}
