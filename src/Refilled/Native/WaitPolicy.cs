using System.Runtime.InteropServices;

namespace Refilled.Native;

/// <summary>How the engine's threads wait for each other: asleep, unless the user has said otherwise.</summary>
/// <remarks>By default they spin at every barrier, and so hold the cores that the thread they wait for needs as soon as anything else is
/// at work: docs/performance.md, "Beside other work". The engine's OpenMP reads the C library's environment once, when it is loaded, and
/// .NET's own environment never reaches it.</remarks>
internal static partial class WaitPolicy
{
    private const string Policy = "OMP_WAIT_POLICY", Spins = "GOMP_SPINCOUNT";

    /// <summary>Asks for passive waiting; nothing where the user's environment says how to wait. Before the engine is loaded.</summary>
    public static void Set()
    {
        // Elsewhere the engine has another OpenMP, and nothing was measured.
        if (!OperatingSystem.IsLinux()) return;
        var given = new[] { Policy, Spins }.Where(name => Environment.GetEnvironmentVariable(name) is not null).ToList();
        if (given.Count == 0) SetInC(Policy, "PASSIVE", 1);
        // What a program has set by .NET's means is meant for the engine, too.
        else foreach (var name in given) SetInC(name, Environment.GetEnvironmentVariable(name)!, 1);
    }

    /// <summary>What the engine was told, such as "OMP_WAIT_POLICY=PASSIVE"; null where it was told nothing.</summary>
    public static string? Told
    {
        get
        {
            if (!OperatingSystem.IsLinux()) return null;
            var told = new[] { Policy, Spins }.Where(name => InC(name) is not null).Select(name => $"{name}={InC(name)}").ToList();
            return told.Count == 0 ? null : string.Join(", ", told);
        }
    }

    private static string? InC(string name) => Marshal.PtrToStringUTF8(GetInC(name));

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInC(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetInC(string name);
}
