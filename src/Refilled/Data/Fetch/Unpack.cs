using Refilled.Files;

namespace Refilled.Data.Fetch;

/// <summary>Unpacks .zip, .tar.gz and .tgz archives: all of it or nothing, and nothing outside the folder.</summary>
internal static class Unpack
{
    private const long Largest = 100L << 30;

    /// <summary>Unpacks an archive into a folder.</summary>
    /// <param name="archive">The archive. Its checksum is the caller's to compare: that of a zip's files is not looked at.</param>
    /// <param name="folder">Where the archive's own files and folders go; none of them may be there.</param>
    /// <param name="cancel">Stops; nothing is left behind.</param>
    /// <returns>The files and folders that now are in the folder.</returns>
    /// <exception cref="InputException">The archive is damaged or not to be trusted, or what it holds is there already.</exception>
    /// <exception cref="FetchException">The disk failed.</exception>
    public static IReadOnlyList<string> Run(string archive, string folder, CancellationToken cancel = default)
    {
        if (!File.Exists(archive)) throw new InputException($"There is no archive '{archive}'.");
        string? aside = null;
        try
        {
            // Beside its place, so that the last step is a rename.
            aside = Directory.CreateDirectory(Path.Combine(folder, $".unpack-{Path.GetRandomFileName()}")).FullName;
            var tops = UnpackAll(archive, aside, folder, cancel);
            Move(tops, aside, folder);
            return [.. tops.Select(top => Path.Combine(folder, top))];
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException)
        {
            throw new InputException($"'{archive}' can't be unpacked: {e.Message.TrimEnd('.')}. Nothing of it was kept.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchException($"'{archive}' can't be unpacked into '{folder}': {e.Message}", e);
        }
        finally
        {
            if (aside is not null) Directory.Delete(aside, recursive: true);
        }
    }

    private static List<string> UnpackAll(string archive, string aside, string folder, CancellationToken cancel)
    {
        var tops = new List<string>();
        var left = Math.Min(Largest, new FileInfo(archive).Length * Packed.LargestRatio);
        foreach (var entry in ArchiveEntries.Read(archive, cancel))
        {
            cancel.ThrowIfCancellationRequested();
            if (entry.Length < 0 || entry.Length > left)
                throw entry.Refused($"claims {entry.Length} bytes; so much can't be in this archive");
            left -= entry.Length;
            var parts = entry.Parts();
            if (parts.Count == 0) continue;
            if (!tops.Contains(parts[0]))
            {
                if (Path.Exists(Path.Combine(folder, parts[0])))
                    throw new InputException($"'{Path.Combine(folder, parts[0])}' is there already; "
                        + "move it away, or choose another folder with --to. The archive was not unpacked.");
                tops.Add(parts[0]);
            }
            Write(entry, aside, parts, cancel);
        }
        return tops.Count > 0 ? tops : throw new InvalidDataException("it holds nothing");
    }

    private static void Write(ArchiveEntry entry, string aside, IReadOnlyList<string> parts, CancellationToken cancel)
    {
        var path = Path.GetFullPath(Path.Combine([aside, .. parts]));
        // The name was checked; this is for what the check doesn't know.
        if (!path.StartsWith(aside + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw entry.Refused("leads out of the folder");
        var parent = entry.IsFolder ? path : Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            for (var above = parent; above.Length > aside.Length; above = Path.GetDirectoryName(above)!)
                if (File.Exists(above)) throw entry.Refused("lies in what is a file");
            Directory.CreateDirectory(parent);
        }
        if (entry.IsFolder) return;
        if (Path.Exists(path)) throw entry.Refused("is there twice");

        using var from = entry.Open();
        using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[1 << 17];
        for (var left = entry.Length; ;)
        {
            cancel.ThrowIfCancellationRequested();
            var count = from.Read(buffer);
            if (count == 0 && left == 0) return;
            if (count == 0 || count > left) throw entry.Refused($"has not the {entry.Length} bytes that it claims");
            to.Write(buffer, 0, count);
            left -= count;
        }
    }

    /// <summary>Puts everything in its place, or nothing.</summary>
    internal static void Move(IEnumerable<string> tops, string aside, string folder)
    {
        var done = new Stack<string>();
        try
        {
            foreach (var top in tops)
            {
                Move(Path.Combine(aside, top), Path.Combine(folder, top));
                done.Push(top);
            }
        }
        catch
        {
            while (done.TryPop(out var top)) Move(Path.Combine(folder, top), Path.Combine(aside, top));
            throw;
        }
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from)) Directory.Move(from, to);
        else File.Move(from, to);
    }
}
