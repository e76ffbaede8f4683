using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
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

    /// <summary>Processors that are online in the machine; more than <see cref="Cores"/> where a container or an affinity limits the process.</summary>
    public required int LogicalCores { get; init; }

    /// <summary>Threads of the engine within one operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Threads of the engine that run operations side by side.</summary>
    public required int InteropThreads { get; init; }

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
        return new HostFacts
        {
            System = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Glibc = OperatingSystem.IsLinux() ? Marshal.PtrToStringAnsi(GlibcVersion()) : null,
            Libstdcxx = mapped.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++", StringComparison.Ordinal)) is { } file && File.Exists(file) ? VersionNodes.Newest(File.ReadAllBytes(file)) : null,
            DotNet = RuntimeInformation.FrameworkDescription,
            TorchSharp = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown",
            Libtorch = torch.__version__,
            Natives = [.. mapped.Where(path => Path.GetFileName(path) is var name && (name.Contains("torch", StringComparison.OrdinalIgnoreCase) || name.StartsWith("libc10", StringComparison.Ordinal)))],
            PatchedCopy = report.PatchedCopy,
            PatchReason = report.Reason,
            Cpu = CpuFeatures.Current,
            Cores = Environment.ProcessorCount,
            LogicalCores = CpuFeatures.OnlineProcessors(),
            Threads = torch.get_num_threads(),
            InteropThreads = torch.get_num_interop_threads(),
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
