using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Refilled.Files;

/// <summary>Has the disk keep what was written, and believes its answer.</summary>
/// <remarks>.NET's own flushes to disk throw nothing where the system's fails: a full or dying disk would be found at the next start.
/// </remarks>
internal static partial class Durable
{
    private const int ReadOnly = 0, InvalidArgument = 22, NotSupportedOnLinux = 95, NotSupportedOnMac = 45;

    /// <summary>Waits until a file's content is on the disk.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Keep(FileStream stream)
    {
        stream.Flush();
        Keep(stream.SafeFileHandle, stream.Name);
    }

    /// <inheritdoc cref="Keep(FileStream)"/>
    public static void Keep(SafeFileHandle file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            Check(Fsync((int)file.DangerousGetHandle()), name);
        }
        finally
        {
            if (held) file.DangerousRelease();
        }
    }

    /// <summary>Waits until the names in a folder are on the disk; does nothing where the system has no such thing.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void KeepNames(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = Open(folder.Length == 0 ? "." : folder, ReadOnly);
        if (handle < 0) return; // It may be written, and not be read.
        try
        {
            Check(Fsync(handle), folder);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static void Check(int answer, string name)
    {
        if (answer == 0) return;
        var error = Marshal.GetLastPInvokeError();
        // Some file systems have nothing to wait for.
        if (error is InvalidArgument or NotSupportedOnLinux or NotSupportedOnMac) return;
        throw new IOException($"The disk didn't keep '{name}': {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
