namespace Refilled.Data.Fetch;

/// <summary>An archive as its publisher offers it.</summary>
/// <param name="Name">The kind of data, as <see cref="DataCatalog"/> writes it.</param>
/// <param name="Address">Where it is offered, http or https. Another address may stand here: the checksum decides.</param>
/// <param name="FileName">The file's name.</param>
/// <param name="Md5">The published checksum, hexadecimal.</param>
/// <param name="Bytes">The size, where it is known: for a progress bar alone, never to judge a file by.</param>
public sealed record OfficialArchive(string Name, Uri Address, string FileName, string Md5, long? Bytes = null);
