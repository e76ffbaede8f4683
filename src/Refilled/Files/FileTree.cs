namespace Refilled.Files;

/// <summary>A folder, a .zip or a .tar.gz, as files by name.</summary>
/// <remarks>Names are relative, with "/" between their parts; hidden files and what operating systems leave behind are not among
/// them.</remarks>
internal abstract class FileTree : IDisposable
{
    private static readonly HashSet<string> LeftBehind = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "@eaDir", "#recycle", "@Recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found",
        "Thumbs.db", "ehthumbs.db", "desktop.ini",
    };

    private readonly Dictionary<string, string> places = [];

    /// <summary>Largest single file that is read unless a source says otherwise.</summary>
    public const long UsualLimit = 256L << 20;

    protected FileTree(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>All files, in ordinal order, their accents as <see cref="ComposedName"/> has them.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>All folders that the source names, in ordinal order; an archive needn't name any.</summary>
    public IReadOnlyList<string> Folders { get; private set; } = [];

    /// <summary>What can't be read, with the reason: "is a link to 'x', which isn't there".</summary>
    /// <remarks>Files are among the names all the same.</remarks>
    public IReadOnlyDictionary<string, string> Unreadable { get; private set; } = new Dictionary<string, string>();

    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder, a .zip or a .tar.gz; archives are known by their first bytes.</param>
    /// <param name="what">What is expected there, for messages: "CUB-200-2011".</param>
    /// <param name="cancel">Stops the listing.</param>
    /// <exception cref="InputException">It is missing, unreadable, damaged, or names files outside itself.</exception>
    public static FileTree Open(string path, string what, CancellationToken cancel = default)
    {
        if (Directory.Exists(path)) return Guard(path, () => new FolderTree(path, cancel));
        if (!File.Exists(path)) throw new InputException($"There is no {what} at '{path}': name its folder, .zip or .tar.gz.");
        return Guard<FileTree>(path, () =>
        {
            // Before it is opened, because a pipe has no bytes either, and opening it waits for ever.
            if (Behind(path).Length == 0) throw new InputException($"'{path}' is empty.");
            using var stream = File.OpenRead(path);
            return (stream.ReadByte(), stream.ReadByte()) switch
            {
                (0x1f, 0x8b) => new TarTree(path, cancel),
                ('P', 'K') => new ZipTree(path),
                _ => throw new InputException(
                    $"'{path}' is neither a .zip nor a .tar.gz archive, and no folder. {what} is read from one of these."),
            };
        });
    }

    /// <summary>Some files on disk, named by their paths from a folder.</summary>
    /// <param name="path">What names them, for messages.</param>
    /// <param name="folder">Where relative names begin.</param>
    /// <param name="names">Their names; the files needn't be there.</param>
    public static FileTree OfFiles(string path, string folder, IEnumerable<string> names) => new FolderTree(path, folder, names);

    /// <summary>Reads some files, in whatever order is quickest, and hands each to <paramref name="take"/>.</summary>
    /// <param name="wanted">Names among <see cref="Names"/>.</param>
    /// <param name="take">Gets the name and the content; called on this thread.</param>
    /// <param name="limit">Largest size that a file of that name may have; null takes <see cref="UsualLimit"/> for all.</param>
    /// <param name="refuse">Gets the name and the reason where a file is larger or can't be read; null throws.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <exception cref="InputException">The source is damaged, or a file is larger or can't be read and nobody asked for it.</exception>
    public void Read(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long>? limit = null,
        Action<string, string>? refuse = null, CancellationToken cancel = default)
    {
        refuse ??= (name, reason) => throw new InputException($"'{Path}': {name} {reason}.");
        foreach (var (name, reason) in Unreadable)
            if (wanted.Contains(name)) refuse(name, reason);
        var there = Unreadable.Count == 0 ? wanted : wanted.Where(name => !Unreadable.ContainsKey(name)).ToHashSet();
        Guard(Path, () => { ReadFiles(there, take, refuse, limit ?? (_ => UsualLimit), cancel); return true; });
    }

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
            .Select((text, i) => (i + 1, ComposedName.Of(text.TrimEnd('\r').Trim('\uFEFF'))))
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

    /// <summary>Reads files; see <see cref="Read(IReadOnlySet{string}, Action{string, byte[]}, Func{string, long}, Action{string, string},
    /// CancellationToken)"/>.</summary>
    protected abstract void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Action<string, string> refuse,
        Func<string, long> limit, CancellationToken cancel);

    /// <summary>Takes the listing, without what operating systems leave behind.</summary>
    /// <param name="files">The files, each with the place that the source has it at.</param>
    /// <param name="folders">The folders.</param>
    /// <param name="unreadable">What can't be read, with the reason.</param>
    /// <exception cref="InputException">Two files have the same name.</exception>
    protected void List(IEnumerable<(string Name, string Place)> files, IEnumerable<string> folders,
        IReadOnlyDictionary<string, string> unreadable)
    {
        var names = new HashSet<string>();
        foreach (var (name, place) in files.Concat(unreadable.Keys.Select(name => (name, name))))
        {
            if (Hidden(name)) continue;
            var plain = ComposedName.Of(name);
            if (!names.Add(plain)) throw new InputException($"'{Path}' holds {plain} twice.");
            if (plain != place) places[plain] = place;
        }
        Names = [.. names.Order(StringComparer.Ordinal)];
        Folders = [.. folders.Where(name => !Hidden(name)).Select(ComposedName.Of).Distinct().Order(StringComparer.Ordinal)];
        Unreadable = unreadable.Where(one => !Hidden(one.Key)).ToDictionary(one => ComposedName.Of(one.Key), one => one.Value);
    }

    /// <summary>Takes names that somebody gave, whatever they are.</summary>
    protected void ListGiven(IEnumerable<string> names)
    {
        foreach (var name in names) places[ComposedName.Of(name)] = name;
        Names = [.. places.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Where the source has a file.</summary>
    protected string PlaceOf(string name) => places.GetValueOrDefault(name, name);

    /// <summary>Whether a name is what operating systems leave behind.</summary>
    protected static bool Hidden(string name) => name.Split('/').Any(part => part.StartsWith('.') || LeftBehind.Contains(part));

    /// <summary>Why a file is too large to be read; null where it isn't.</summary>
    protected static string? TooLarge(long length, long limit) =>
        length > limit ? $"has {length} bytes; at most {limit} are read" : null;

    /// <summary>The file that a path leads to, through links.</summary>
    /// <remarks>Where a link leads nowhere, what isn't there, or the link itself.</remarks>
    protected static FileInfo Behind(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
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
            or FormatException or OverflowException or InvalidOperationException or NotSupportedException
            or (ArgumentException and not ArgumentNullException))
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
        try
        {
            var file = Behind(path);
            return file.Exists ? (file.Length, file.LastWriteTimeUtc) : (-1, default);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (-1, default); // A link that leads back to itself: it is a bad file when it is read.
        }
    }
}
