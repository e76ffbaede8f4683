using System.Globalization;

namespace Refilled.Files;

/// <summary>Writes a file so that its name never stands for half of it.</summary>
/// <remarks>Temporary file in the same folder, kept by the disk, renamed, and the name kept as well.</remarks>
internal static class AtomicFile
{
    private const string Ending = ".tmp";

    /// <summary>Writes what <paramref name="write"/> puts into the stream. What was there before stays if that fails.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="earlier">What the file that was there is called from then on; null replaces it.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Write(string path, Action<FileStream> write, string? earlier = null)
    {
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{Ending}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                Durable.Keep(stream);
            }
            if (earlier is not null && File.Exists(path)) File.Move(path, earlier, overwrite: true);
            File.Move(temporary, path, overwrite: true);
            Durable.KeepNames(Path.GetDirectoryName(path) ?? "");
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Whether a name is that of a file which was being written when its process ended.</summary>
    /// <remarks>Or is still at work: its caller must know that nobody else is.</remarks>
    /// <param name="name">The name, without its folder.</param>
    /// <param name="of">Gets what it was to become.</param>
    public static bool IsBeginning(string name, out string of)
    {
        of = "";
        if (!name.EndsWith(Ending, StringComparison.Ordinal)) return false;
        var rest = name[..^Ending.Length];
        var dot = rest.LastIndexOf('.');
        if (dot <= 0 || dot == rest.Length - 1 || !rest.AsSpan(dot + 1).ContainsOnlyDigits()) return false;
        of = rest[..dot];
        return true;
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
