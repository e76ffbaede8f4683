using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Refilled.Native;

/// <summary>Loads the engine's native libraries, also on distributions whose libstdc++ is older than the one TorchSharp
/// needs.</summary>
/// <remarks>TorchSharp was built with a newer one than Debian 12, Ubuntu 22.04 and RHEL 9 have. TorchSharp 0.107 requires the
/// version node GLIBCXX_3.4.32, though nothing that it uses belongs to it. Where the library fails to load for that reason alone, a
/// copy is loaded in which the requirement is weak, at the first call of TorchSharp that needs it, if any type of Refilled was used
/// before.</remarks>
public static class TorchRuntime
{
    private const string MissingNode = "GLIBCXX_3.4.32";
    private const string Shim = "libLibTorchSharp.so";

    /// <summary>What TorchSharp calls it.</summary>
    private const string ManagedName = "LibTorchSharp";

    /// <summary>What the shim depends on, in the order of loading.</summary>
    /// <remarks>The CUDA ones exist in CUDA builds only.</remarks>
    private static readonly string[] Dependencies = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lazy<NativeReport> Loading = new(LoadOnce);

    /// <summary>Loads the libraries, once; later calls return the same report.</summary>
    /// <exception cref="NativeLoadException">They can't be loaded; each call throws it again.</exception>
    public static NativeReport Load() => Loading.Value;

#pragma warning disable CA2255 // A library may: this one must act before its user's first tensor, and nothing else can.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialise()
    {
        WaitPolicy.Set();
        FreedMemory.Keep();
        // Not now: a program that only prints its help must not wait for 500 MB of libraries. The runtime asks here when
        // TorchSharp's first call needs the library and it was found nowhere, or didn't load.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == ManagedName ? Resolve() : 0;
    }

    private static nint Resolve()
    {
        try
        {
            return Load().PatchedCopy is { } copy ? NativeLibrary.Load(copy) : 0;
        }
        catch (NativeLoadException)
        {
            return 0; // thrown again by the next Load(), where it can be caught and shown
        }
    }

    private static NativeReport LoadOnce()
    {
        // On other systems, and where the natives aren't laid out as packages do it, TorchSharp finds its own.
        if (!OperatingSystem.IsLinux() || Find(Shim) is not { } shim || Find("libtorch_cpu.so") is null)
            return new NativeReport([], null, null);

        var loaded = new List<string>();
        foreach (var path in Dependencies.Select(Find).OfType<string>())
        {
            if (TryLoad(path) is { } problem) throw new NativeLoadException($"'{path}' can't be loaded: {problem}");
            loaded.Add(path);
        }
        if (TryLoad(shim) is not { } reason)
        {
            loaded.Add(shim);
            return new NativeReport(loaded, null, null);
        }
        if (!reason.Contains(MissingNode, StringComparison.Ordinal)) throw new NativeLoadException($"'{shim}' can't be loaded: {reason}");
        var copy = PatchedLibrary.Make(shim, MissingNode, PatchedLibrary.CacheFolder());
        if (TryLoad(copy) is { } still)
            throw new NativeLoadException($"'{copy}', the adapted copy of '{shim}', can't be loaded either: {still}{Environment.NewLine}"
                + $"If its folder is mounted noexec, set {CacheFolder.Variable} to another one.");
        loaded.Add(copy);
        return new NativeReport(loaded, copy, Cause(reason));
    }

    /// <summary>The line of the system's message that names the node; .NET wraps it in general advice.</summary>
    internal static string Cause(string message) =>
        message.Split('\n').FirstOrDefault(line => line.Contains(MissingNode, StringComparison.Ordinal))?.Trim() ?? message.Trim();

    /// <returns>Null, or why it failed.</returns>
    private static string? TryLoad(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e.Message;
        }
    }

    /// <summary>A library's path: where the host looks for natives, beside the application, or in its runtimes folder.</summary>
    /// <remarks>Each is looked for on its own, because CUDA's packages are several.</remarks>
    private static string? Find(string file)
    {
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var portable = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        var beside = new[]
        {
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.Combine(AppContext.BaseDirectory, "runtimes", portable, "native"),
        };
        return searched.Concat(beside).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}

/// <summary>What was done to load the engine.</summary>
/// <param name="Loaded">The libraries that were loaded here, in order; empty where the engine loads its own.</param>
/// <param name="PatchedCopy">The adapted copy that was loaded in place of the original, or null.</param>
/// <param name="Reason">Why the copy was needed: the system's own message; null without a copy.</param>
public sealed record NativeReport(IReadOnlyList<string> Loaded, string? PatchedCopy, string? Reason);

/// <summary>The engine's native libraries can't be loaded here; the message says which and what to do.</summary>
public sealed class NativeLoadException : InputException
{
    /// <inheritdoc cref="NativeLoadException"/>
    public NativeLoadException(string message) : base(message) { }

    /// <inheritdoc cref="NativeLoadException"/>
    public NativeLoadException(string message, Exception inner) : base(message, inner) { }
}
