using System.Runtime.InteropServices;

namespace Refilled.Native;

/// <summary>What the C library does with memory that the engine frees: it keeps it, unless the user has said otherwise.</summary>
/// <remarks>A training step frees all that the next one allocates again. glibc gives large blocks back to the system at once, which then
/// fills each page with zeros anew: on a virtual machine a quarter to a half of a step (docs/performance.md, "Memory").</remarks>
internal static partial class FreedMemory
{
    private const int TrimThreshold = -1, MapThreshold = -3; // M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h

    /// <summary>Blocks below are kept, and the most that is taken by those C libraries that allow no more.</summary>
    private const int Blocks = 1 << 30, BlocksOfOlder = 32 << 20;

    private static readonly string[] Settings = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_"];

    /// <summary>Whether it is kept.</summary>
    public static bool IsKept { get; private set; }

    /// <summary>Asks the C library to keep it, unless the environment sets up the allocator or another is in place.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() || Settings.Any(name => Environment.GetEnvironmentVariable(name) is not null)
            || Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains("glibc.malloc", StringComparison.Ordinal) == true) return;
        try
        {
            IsKept = Option(TrimThreshold, int.MaxValue) != 0
                && (Option(MapThreshold, Blocks) != 0 || Option(MapThreshold, BlocksOfOlder) != 0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library (musl), which has no such options.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int name, int value);
}
