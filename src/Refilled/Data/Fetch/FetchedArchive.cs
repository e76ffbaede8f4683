namespace Refilled.Data.Fetch;

/// <summary>An archive on disk whose checksum is the published one.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="WasThere">Whether it lay there already, so that nothing was downloaded.</param>
public sealed record FetchedArchive(string Path, long Bytes, bool WasThere);
