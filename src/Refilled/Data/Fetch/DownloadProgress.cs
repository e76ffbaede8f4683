namespace Refilled.Data.Fetch;

/// <summary>Where a download stands.</summary>
/// <param name="Done">Bytes on disk, those of earlier attempts included.</param>
/// <param name="Total">Bytes of the whole file, where they are known.</param>
/// <param name="Trouble">Why the connection broke, where it is about to be tried again; null while bytes come.</param>
public sealed record DownloadProgress(long Done, long? Total, string? Trouble = null);
