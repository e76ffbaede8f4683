using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Refilled.Native;

/// <summary>The machine, the system and the engine, as <c>doctor</c> and <c>environment.json</c> show them.</summary>
public sealed partial record HostFacts
{
    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The process's architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Version of glibc; null elsewhere than on Linux.</summary>
    public string? Glibc { get; init; }

    /// <summary>The newest GLIBCXX version node of the loaded libstdc++; null elsewhere than on Linux.</summary>
    public string? Libstdcxx { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string DotNet { get; init; }

    /// <summary>Version of TorchSharp.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>Files of the engine that are mapped into this process.</summary>
    public required IReadOnlyList<string> Natives { get; init; }

    /// <summary>The adapted copy that was loaded in place of TorchSharp's library, or null.</summary>
    public string? PatchedCopy { get; init; }

    /// <summary>Why the copy was needed; null without one.</summary>
    public string? PatchReason { get; init; }

    /// <summary>The processor.</summary>
    public required CpuFeatures Cpu { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Threads of the engine.</summary>
    public required int Threads { get; init; }

    /// <summary>Memory that this process may use, in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Number of CUDA devices that the engine sees; 0 without CUDA.</summary>
    public required int CudaDevices { get; init; }

    /// <summary>Collects the facts; loads the engine.</summary>
    /// <exception cref="NativeLoadException">The engine can't be loaded.</exception>
    public static HostFacts Collect()
    {
        var report = TorchRuntime.Load();
        var cuda = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        var mapped = File.Exists("/proc/self/maps") ? MappedFiles(File.ReadAllText("/proc/self/maps")) : report.Loaded;
        return new HostFacts
        {
            System = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Glibc = OperatingSystem.IsLinux() ? Marshal.PtrToStringAnsi(GlibcVersion()) : null,
            Libstdcxx = mapped.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++", StringComparison.Ordinal)) is { } file ? NewestNode(File.ReadAllBytes(file)) : null,
            DotNet = RuntimeInformation.FrameworkDescription,
            TorchSharp = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown",
            Natives = [.. mapped.Where(path => Path.GetFileName(path) is var name && (name.Contains("torch", StringComparison.OrdinalIgnoreCase) || name.StartsWith("libc10", StringComparison.Ordinal)))],
            PatchedCopy = report.PatchedCopy,
            PatchReason = report.Reason,
            Cpu = CpuFeatures.Current,
            Cores = Environment.ProcessorCount,
            Threads = torch.get_num_threads(),
            MemoryMiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
            CudaDevices = cuda,
        };
    }

    /// <summary>Device, processor and threads in a few words, as results quote them.</summary>
    public string Summary(string device, int threads) => string.Create(CultureInfo.InvariantCulture, $"{device}, {Cpu.Model}, {threads} threads");

    /// <summary>The files in the text of <c>/proc/self/maps</c>, each once, in order.</summary>
    internal static IReadOnlyList<string> MappedFiles(string maps) =>
        [.. maps.Split('\n').Select(line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "").Where(path => path.EndsWith(".so", StringComparison.Ordinal) || path.Contains(".so.", StringComparison.Ordinal)).Distinct()];

    /// <summary>The newest "GLIBCXX_x.y.z" among the strings of a library, or null.</summary>
    internal static string? NewestNode(ReadOnlySpan<byte> library)
    {
        Version? newest = null;
        var mark = "GLIBCXX_"u8;
        for (var at = library.IndexOf(mark); at >= 0;)
        {
            var rest = library[(at + mark.Length)..];
            var length = 0;
            while (length < rest.Length && (rest[length] is >= (byte)'0' and <= (byte)'9' or (byte)'.')) length++;
            if (Version.TryParse(Encoding.ASCII.GetString(rest[..length]), out var version) && (newest is null || version > newest)) newest = version;
            var next = rest.IndexOf(mark);
            at = next < 0 ? -1 : at + mark.Length + next;
        }
        return newest is null ? null : $"GLIBCXX_{newest}";
    }

    [LibraryImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static partial IntPtr GlibcVersion();
}
