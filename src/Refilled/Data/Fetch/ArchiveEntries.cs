using System.Formats.Tar;
using System.IO.Compression;
using Refilled.Files;

namespace Refilled.Data.Fetch;

/// <summary>Reads what is in a .zip or .tar.gz, one entry after the other.</summary>
/// <remarks>Only files and folders: links, devices and the like are refused.</remarks>
internal static class ArchiveEntries
{
    private const int TypeMask = 0xF000, RegularType = 0x8000, FolderType = 0x4000;

    /// <exception cref="InputException">No archive by its name.</exception>
    /// <exception cref="InvalidDataException">The archive is damaged, or holds what isn't unpacked.</exception>
    public static IEnumerable<ArchiveEntry> Read(string path, CancellationToken cancel) =>
        Ends(path, ".zip") ? Zip(path)
        : Ends(path, ".tar.gz") || Ends(path, ".tgz") ? Tar(path, cancel)
        : throw new InputException($"'{path}' can't be unpacked: its name ends neither in .zip nor in .tar.gz or .tgz.");

    private static bool Ends(string path, string with) => path.EndsWith(with, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<ArchiveEntry> Zip(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        foreach (var entry in archive.Entries)
        {
            var isFolder = entry.FullName.EndsWith('/');
            var type = entry.ExternalAttributes >> 16 & TypeMask; // 0 where it was not packed on Unix
            if (type != 0 && type != (isFolder ? FolderType : RegularType))
                throw ArchiveEntry.Refused(entry.FullName, "is a link or a device, or not what its name says");
            yield return new ArchiveEntry(entry.FullName, isFolder, entry.Length, entry.Open);
        }
    }

    private static IEnumerable<ArchiveEntry> Tar(string path, CancellationToken cancel)
    {
        foreach (var entry in Packed.Tar(path, cancel))
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) continue;
            if (!Packed.IsFile(entry) && entry.EntryType is not TarEntryType.Directory)
                throw ArchiveEntry.Refused(entry.Name, $"is no file or folder ({entry.EntryType})");
            yield return new ArchiveEntry(entry.Name, entry.EntryType is TarEntryType.Directory, entry.Length,
                () => entry.DataStream ?? Stream.Null);
        }
    }
}

/// <summary>A file or folder in an archive.</summary>
/// <param name="Name">The name as the archive has it: not to be trusted.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Length">Bytes of the file, as the archive claims.</param>
/// <param name="Open">Opens the content; to be read before the next entry.</param>
internal sealed record ArchiveEntry(string Name, bool IsFolder, long Length, Func<Stream> Open)
{
    /// <summary>The name's parts below the folder that is unpacked into; none for that folder itself.</summary>
    /// <exception cref="InvalidDataException">The name leads out of the folder, or would on some system.</exception>
    public IReadOnlyList<string> Parts()
    {
        // A backslash or a colon means nothing here, but a way out on Windows; so do dots and spaces at a part's end.
        if (Name.StartsWith('/') || Name.Any(c => char.IsControl(c) || c is '\\' or ':'))
            throw Refused("has a name that could lead out of the folder");
        string[] parts = [.. Name.Split('/').Where(part => part is not ("" or "."))];
        if (parts.Any(part => part[^1] is '.' or ' ')) throw Refused("has a name that could lead out of the folder");
        if (parts.Length == 0 && !IsFolder) throw Refused("is a file without a name");
        return parts;
    }

    /// <summary>What is thrown about this entry.</summary>
    public InvalidDataException Refused(string why) => Refused(Name, why);

    /// <summary>What is thrown about the entry of that name, which is shown without what a terminal would obey.</summary>
    public static InvalidDataException Refused(string name, string why)
    {
        var shown = string.Concat(name.Take(200).Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return new InvalidDataException($"the entry '{shown}' {why}");
    }
}
