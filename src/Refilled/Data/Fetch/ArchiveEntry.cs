namespace Refilled.Data.Fetch;

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
        if (Name.StartsWith('/') || Name.Any(c => char.IsControl(c) || c is '\\' or ':')) throw Refused("has a name that could lead out of the folder");
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
