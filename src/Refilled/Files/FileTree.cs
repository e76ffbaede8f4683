namespace Refilled.Files;

/// <summary>A folder, a .zip or a .tar.gz, as files by name.</summary>
/// <remarks>Names are relative, with "/" between their parts; hidden files and what operating systems leave behind are not among
/// them.</remarks>
internal abstract class FileTree : IDisposable
{
    /// <summary>Largest single file that is read unless a source says otherwise.</summary>
    public const long UsualLimit = 256L << 20;

    protected FileTree(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>All files, in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>All folders that the source names, in ordinal order; an archive needn't name any.</summary>
    public IReadOnlyList<string> Folders { get; private set; } = [];

    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder, a .zip or a .tar.gz; archives are known by their first bytes.</param>
    /// <param name="what">What is expected there, for messages: "CUB-200-2011".</param>
    /// <param name="cancel">Stops the listing.</param>
    /// <exception cref="InputException">It is missing, unreadable, damaged, or names files outside itself.</exception>
    public static FileTree Open(string path, string what, CancellationToken cancel = default)
    {
        if (Directory.Exists(path)) return Guard(path, () => new FolderTree(path));
        if (!File.Exists(path)) throw new InputException($"There is no {what} at '{path}': name its folder, .zip or .tar.gz.");
        return Guard<FileTree>(path, () =>
        {
            using var stream = File.OpenRead(path);
            if (stream.Length == 0) throw new InputException($"'{path}' is empty.");
            return (stream.ReadByte(), stream.ReadByte()) switch
            {
                (0x1f, 0x8b) => new TarTree(path, cancel),
                ('P', 'K') => new ZipTree(path),
                _ => throw new InputException(
                    $"'{path}' is neither a .zip nor a .tar.gz archive, and no folder. {what} is read from one of these."),
            };
        });
    }

    /// <summary>Reads some files, in whatever order is quickest, and hands each to <paramref name="take"/>.</summary>
    /// <param name="wanted">Names among <see cref="Names"/>.</param>
    /// <param name="take">Gets the name and the content; called on this thread.</param>
    /// <param name="limit">Largest size that a file of that name may have; null takes <see cref="UsualLimit"/> for all.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <exception cref="InputException">A file is larger, or can't be read.</exception>
    public void Read(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long>? limit = null,
        CancellationToken cancel = default) =>
        Guard(Path, () => { ReadFiles(wanted, take, limit ?? (_ => UsualLimit), cancel); return true; });

    /// <summary>Reads one file.</summary>
    /// <exception cref="InputException">It is missing, larger than the limit, or can't be read.</exception>
    public byte[] Read(string name, long limit = UsualLimit)
    {
        byte[]? content = null;
        Read(new HashSet<string> { name }, (_, bytes) => content = bytes, _ => limit);
        return content ?? throw new InputException($"'{Path}' lacks {name}.");
    }

    /// <summary>The lines of a text file, without empty ones, with their numbers.</summary>
    /// <exception cref="InputException">It is missing or can't be read.</exception>
    public IReadOnlyList<(int Number, string Text)> ReadLines(string name) =>
        [.. System.Text.Encoding.UTF8.GetString(Read(name)).Split('\n')
            .Select((text, i) => (i + 1, text.TrimEnd('\r').Trim('\uFEFF')))
            .Where(line => line.Item2.Trim().Length > 0)];

    /// <summary>The files within a folder, however deep.</summary>
    /// <param name="folder">The folder, with its "/"; "" is all.</param>
    public IEnumerable<string> Within(string folder) => Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The shortest beginning that makes a name of <paramref name="file"/>: "" or "CUB_200_2011/".</summary>
    public string? RootOf(string file) => Names.Where(name => name == file || name.EndsWith("/" + file, StringComparison.Ordinal))
        .Select(name => name[..^file.Length]).OrderBy(root => root.Length).FirstOrDefault();

    /// <summary>What changes when the content of some files does, unread: sizes and times of the files, or of their
    /// archive.</summary>
    /// <remarks>A file that is missing has the size -1.</remarks>
    /// <exception cref="InputException">They can't be asked for.</exception>
    public IReadOnlyList<(long Length, DateTime Written)> Stamps(IReadOnlyList<string> names) =>
        Guard(Path, () => (IReadOnlyList<(long, DateTime)>)[.. FilesBehind(names).Select(Stamp)]);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Files on disk that hold some names.</summary>
    protected virtual IEnumerable<string> FilesBehind(IReadOnlyList<string> names) => [Path];

    /// <inheritdoc cref="Read(IReadOnlySet{string}, Action{string, byte[]}, Func{string, long}, CancellationToken)"/>
    protected abstract void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long> limit,
        CancellationToken cancel);

    /// <summary>Takes the listing, without what operating systems leave behind.</summary>
    protected void List(IEnumerable<string> files, IEnumerable<string> folders)
    {
        Names = [.. files.Where(name => !Hidden(name)).Order(StringComparer.Ordinal)];
        Folders = [.. folders.Where(name => !Hidden(name)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Checks a file's size before it is read.</summary>
    protected void CheckSize(string name, long length, long limit)
    {
        if (length > limit) throw new InputException($"'{Path}': {name} has {length} bytes; at most {limit} are read.");
    }

    /// <summary>An archive's name for an entry, made plain.</summary>
    /// <remarks>Nothing is ever written by these names; but an archive that tries to reach outside itself isn't what it
    /// seems.</remarks>
    /// <exception cref="InputException">It is absolute, climbs out, or can't be a name.</exception>
    protected static string Plain(string archive, string name)
    {
        var plain = name.Replace('\\', '/');
        while (plain.StartsWith("./", StringComparison.Ordinal)) plain = plain[2..];
        var parts = plain.Split('/');
        if (plain.StartsWith('/') || plain.Contains('\0', StringComparison.Ordinal) || parts.Contains("..")
            || (plain.Length > 1 && plain[1] == ':'))
            throw new InputException($"'{archive}' is refused: it names a file outside itself, '{name}'.");
        return plain;
    }

    /// <summary>Turns what a damaged archive or a missing right throws into a message.</summary>
    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        // What damaged headers make the readers throw (dates and sizes out of range) is damage too.
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException
            or FormatException or OverflowException or InvalidOperationException or (ArgumentException and not ArgumentNullException))
        {
            throw new InputException($"'{path}' is truncated or no archive that can be read ({e.Message}). Download it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be read: {e.Message}", e);
        }
    }

    private static (long, DateTime) Stamp(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null) file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : (-1, default);
    }

    private static bool Hidden(string name) =>
        name.Split('/').Any(part => part.StartsWith('.') || part is "__MACOSX"
            || part.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase)
            || part.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase));
}
