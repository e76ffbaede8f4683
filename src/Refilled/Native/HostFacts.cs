using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Refilled.Native;

/// <summary>The machine, the system and the engine, as <c>doctor</c> and <c>environment.json</c> show them.</summary>
internal sealed partial record HostFacts
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

    /// <summary>The libtorch version that this TorchSharp is built for.</summary>
    public required string Libtorch { get; init; }

    /// <summary>Files of the engine that are mapped into this process.</summary>
    public required IReadOnlyList<string> Natives { get; init; }

    /// <summary>The adapted copy that was loaded in place of TorchSharp's library, or null.</summary>
    public string? PatchedCopy { get; init; }

    /// <summary>Why the copy was needed; null without one.</summary>
    public string? PatchReason { get; init; }

    /// <summary>The processor.</summary>
    public required CpuFeatures Cpu { get; init; }

    /// <summary>Processors that this process may use: affinity and the container's limit count.</summary>
    public required int Cores { get; init; }

    /// <summary>Processors that are online in the machine; more than <see cref="Cores"/> where a container or an affinity limits
    /// the process.</summary>
    public required int LogicalCores { get; init; }

    /// <summary>Threads of the engine within one operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Threads of the engine that run operations side by side.</summary>
    public required int InteropThreads { get; init; }

    /// <summary>How the engine's threads were told to wait for each other; null where they weren't.</summary>
    public string? Waiting { get; init; }

    /// <summary>Whether the C library was told to keep memory that the engine frees.</summary>
    public bool KeepsFreedMemory { get; init; }

    /// <summary>Memory that this process may use, in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Number of CUDA devices that the engine sees; 0 without CUDA.</summary>
    public required int CudaDevices { get; init; }

    /// <summary>Models of the graphics cards that NVIDIA's driver knows, whether or not the engine can use them.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = [];

    /// <summary>Collects the facts; loads the engine.</summary>
    /// <exception cref="NativeLoadException">The engine can't be loaded.</exception>
    public static HostFacts Collect()
    {
        var report = TorchRuntime.Load();
        var cuda = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        var mapped = File.Exists("/proc/self/maps") ? MappedLibraries.Parse(File.ReadAllText("/proc/self/maps")) : report.Loaded;
        var libstdcxx = mapped.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++", StringComparison.Ordinal));
        var torchSharp = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        return new HostFacts
        {
            System = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Glibc = OperatingSystem.IsLinux() ? Marshal.PtrToStringAnsi(GlibcVersion()) : null,
            Libstdcxx = libstdcxx is not null && File.Exists(libstdcxx) ? VersionNodes.Newest(File.ReadAllBytes(libstdcxx)) : null,
            DotNet = RuntimeInformation.FrameworkDescription,
            TorchSharp = torchSharp?.InformationalVersion.Split('+')[0] ?? "unknown",
            Libtorch = torch.__version__,
            Natives = [.. mapped.Where(path => Path.GetFileName(path) is var name
                && (name.Contains("torch", StringComparison.OrdinalIgnoreCase) || name.StartsWith("libc10", StringComparison.Ordinal)))],
            PatchedCopy = report.PatchedCopy,
            PatchReason = report.Reason,
            Cpu = CpuFeatures.Current,
            Cores = Environment.ProcessorCount,
            LogicalCores = CpuFeatures.OnlineProcessors(),
            Threads = torch.get_num_threads(),
            InteropThreads = torch.get_num_interop_threads(),
            Waiting = WaitPolicy.Told,
            KeepsFreedMemory = FreedMemory.IsKept,
            MemoryMiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
            CudaDevices = cuda,
            Gpus = GpuModels.Read(),
        };
    }

    /// <summary>Device, processor and threads in a few words, as results quote them.</summary>
    public string Summary(string device, int threads)
    {
        var card = device != "cpu" && Gpus.Count > 0 ? $" ({string.Join(", ", Gpus.Distinct())})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{device}{card}, {Cpu.Model}, {threads} threads");
    }

    [LibraryImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static partial IntPtr GlibcVersion();
}

/// <summary>The shared libraries in a process's memory map, as Linux lists them in <c>/proc/self/maps</c>.</summary>
internal static class MappedLibraries
{
    private const string Deleted = " (deleted)"; // how the kernel marks a file that was replaced since

    /// <summary>Their paths, each once, in order; a file that was replaced since keeps its mark " (deleted)".</summary>
    public static IReadOnlyList<string> Parse(string maps) => [.. maps.Split('\n').Select(Path).Where(IsLibrary).Distinct()];

    // Address, rights, offset, device and inode hold no slash, so the first one begins the path, which may hold spaces.
    private static string Path(string line) => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "";

    private static bool IsLibrary(string path)
    {
        var file = System.IO.Path.GetFileName(path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path);
        return file.EndsWith(".so", StringComparison.Ordinal) || file.Contains(".so.", StringComparison.Ordinal);
    }
}

/// <summary>The graphics cards that NVIDIA's driver knows. The engine's C# face tells their number, not their names.</summary>
internal static class GpuModels
{
    private const string Key = "Model:";

    /// <summary>Their models, in the order of their places on the bus; none where the driver's folder is missing.</summary>
    /// <param name="folder">Where the driver has a folder for each, with a text file in it.</param>
    public static IReadOnlyList<string> Read(string folder = "/proc/driver/nvidia/gpus")
    {
        try
        {
            return [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
                .Select(card => Parse(File.ReadAllText(Path.Combine(card, "information")))).OfType<string>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Parse(string information) => information.Split('\n')
        .Where(line => line.StartsWith(Key, StringComparison.Ordinal)).Select(line => line[Key.Length..].Trim())
        .FirstOrDefault(model => model.Length > 0);
}

/// <summary>The version nodes that a C++ standard library offers.</summary>
internal static class VersionNodes
{
    private static readonly SearchValues<byte> VersionText = SearchValues.Create("0123456789."u8);

    /// <summary>The newest "GLIBCXX_x.y.z" among the strings of a library, or null.</summary>
    public static string? Newest(ReadOnlySpan<byte> library)
    {
        Version? newest = null;
        var mark = "GLIBCXX_"u8;
        for (var at = library.IndexOf(mark); at >= 0; at = library.IndexOf(mark))
        {
            library = library[(at + mark.Length)..];
            var length = library.IndexOfAnyExcept(VersionText);
            var text = Encoding.ASCII.GetString(length < 0 ? library : library[..length]);
            if (Version.TryParse(text, out var version) && (newest is null || version > newest)) newest = version;
        }
        return newest is null ? null : $"GLIBCXX_{newest}";
    }
}
