using System.Globalization;
using System.Runtime.InteropServices;

namespace Refilled.Cli.Bench;

/// <summary>The process's memory as Linux counts it: .NET sees nothing of what the engine allocates.</summary>
public sealed partial class ResidentMemory
{
    private const string Status = "/proc/self/status", ResetPeak = "/proc/self/clear_refs";
    private readonly double before;

    private ResidentMemory(double before) => this.before = before;

    /// <summary>Resident memory now, in MiB; null on other systems.</summary>
    public static double? NowMiB => Read("VmRSS:");

    /// <summary>Most resident memory so far, in MiB; null on other systems.</summary>
    public static double? MostMiB => Read("VmHWM:");

    /// <summary>Starts to watch the peak; null where that can't be done.</summary>
    public static ResidentMemory? Watch()
    {
        try
        {
            GC.Collect();
            // What was freed and kept would hide what is allocated next.
            _ = Trim(0);
            File.WriteAllText(ResetPeak, "5");
            return NowMiB is { } now ? new ResidentMemory(now) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The peak since <see cref="Watch"/>, in MiB above what was there then.</summary>
    public double? PeakMiB() => MostMiB - before;

    private static double? Read(string name)
    {
        if (!File.Exists(Status)) return null;
        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint pad);
}
