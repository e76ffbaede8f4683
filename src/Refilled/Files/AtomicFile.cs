namespace Refilled.Files;

/// <summary>Writes a file so that its name never stands for half of it.</summary>
/// <remarks>Temporary file in the same folder, flush, rename.</remarks>
internal static class AtomicFile
{
    /// <summary>Writes what <paramref name="write"/> puts into the stream. What was there before stays if that fails.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
