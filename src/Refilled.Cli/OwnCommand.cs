using System.Diagnostics;

namespace Refilled.Cli;

/// <summary>This very command, to be started once more.</summary>
internal static class OwnCommand
{
    /// <summary>How it is started.</summary>
    /// <param name="args">Its verb and options.</param>
    public static ProcessStartInfo With(IEnumerable<string> args)
    {
        // It is a program of its own, or a library that dotnet runs.
        var library = typeof(OwnCommand).Assembly.Location;
        var host = Environment.ProcessPath;
        var name = Path.GetFileNameWithoutExtension(library) + (OperatingSystem.IsWindows() ? ".exe" : "");
        var alone = host is not null && Path.GetFileName(host) == name;
        return alone ? new ProcessStartInfo(host!, args)
            : new ProcessStartInfo(host is not null && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
                [library, .. args]);
    }
}
