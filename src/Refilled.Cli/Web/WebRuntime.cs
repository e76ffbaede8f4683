using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Refilled.Files;

namespace Refilled.Cli.Web;

/// <summary>ONNX Runtime for browsers: the two files of npm's package "onnxruntime-web" that a page needs.</summary>
/// <remarks>With 14 MB they are too large to be carried along, so that they are got once and kept. Wherever they come from, they are known
/// by their hashes.</remarks>
/// <param name="Module">The module of JavaScript.</param>
/// <param name="Wasm">The runtime itself.</param>
internal sealed record WebRuntime(byte[] Module, byte[] Wasm)
{
    /// <summary>The version; another has other hashes.</summary>
    public const string Version = "1.30.0";

    private const string ModuleName = "ort.wasm.bundle.min.mjs", WasmName = "ort-wasm-simd-threaded.wasm";

    /// <summary>No file of the package that is read is larger.</summary>
    private const int MostBytes = 64 << 20;

    private static readonly Dictionary<string, string> Hashes = new()
    {
        [ModuleName] = "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
        [WasmName] = "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    };

    private static string Package => $"onnxruntime-web@{Version}";

    /// <summary>Finds it: where the user says, else in the cache, else by npm.</summary>
    /// <param name="place">The package's .tgz, or its folder; null for neither.</param>
    /// <param name="cancel">Stops npm.</param>
    /// <exception cref="InputException">It isn't there, isn't that version, or npm can't bring it.</exception>
    public static async Task<WebRuntime> FindAsync(string? place, CancellationToken cancel)
    {
        if (place is not null) return File.Exists(place) ? OfArchive(place) : OfFolder(place);
        var kept = Path.Combine(CacheFolder.Find() ?? Path.GetTempPath(), $"onnxruntime-web-{Version}");
        if (File.Exists(Path.Combine(kept, WasmName))) return OfFolder(kept);
        var runtime = await OfNpmAsync(cancel);
        CacheFolder.Create(kept);
        AtomicFile.Write(Path.Combine(kept, ModuleName), stream => stream.Write(runtime.Module));
        AtomicFile.Write(Path.Combine(kept, WasmName), stream => stream.Write(runtime.Wasm));
        return runtime;
    }

    private static WebRuntime OfFolder(string folder)
    {
        var inner = new[] { folder, Path.Combine(folder, "dist"), Path.Combine(folder, "package", "dist") }
            .FirstOrDefault(one => File.Exists(Path.Combine(one, WasmName)))
            ?? throw new InputException($"'{folder}' holds no {WasmName}: name the .tgz that 'npm pack {Package}' writes, or the folder "
                + "that it unpacks to.");
        byte[] Read(string name)
        {
            var path = Path.Combine(inner, name);
            if (!File.Exists(path)) throw new InputException($"'{inner}' lacks {name}.");
            using var file = File.OpenRead(path);
            return Checked(file, file.Length, name, path);
        }
        return new WebRuntime(Read(ModuleName), Read(WasmName));
    }

    private static WebRuntime OfArchive(string archive)
    {
        var found = new Dictionary<string, byte[]>();
        try
        {
            using var file = File.OpenRead(archive);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(unpacked);
            while (tar.GetNextEntry() is { } entry)
                if (entry.Name.Split('/') is ["package", "dist", var name] && Hashes.ContainsKey(name) && entry.DataStream is { } content)
                    found[name] = Checked(content, entry.Length, name, archive);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or FormatException or UnauthorizedAccessException)
        {
            throw new InputException($"'{archive}' is no whole .tgz of npm: {e.Message} Get it anew: npm pack {Package}", e);
        }
        return found.TryGetValue(ModuleName, out var module) && found.TryGetValue(WasmName, out var wasm) ? new WebRuntime(module, wasm)
            : throw new InputException($"'{archive}' isn't npm's package {Package}: it lacks {ModuleName} or {WasmName}.");
    }

    private static byte[] Checked(Stream content, long length, string name, string place)
    {
        if (length > MostBytes) throw new InputException($"{name} in '{place}' is too large to be that of {Package}.");
        var bytes = new byte[length];
        content.ReadExactly(bytes);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != Hashes[name])
            throw new InputException($"{name} in '{place}' isn't the one of {Package}: its SHA-256 is another. Get it: npm pack {Package}");
        return bytes;
    }

    /// <summary>By npm's own client, which knows where its packages are and how this machine reaches them.</summary>
    private static async Task<WebRuntime> OfNpmAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("refilled-npm-").FullName;
        try
        {
            var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["pack", Package, "--silent"])
                { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            using var npm = Process.Start(start)!;
            var (output, error) = (npm.StandardOutput.ReadToEndAsync(cancel), npm.StandardError.ReadToEndAsync(cancel));
            try
            {
                await npm.WaitForExitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                npm.Kill(entireProcessTree: true);
                throw;
            }
            await output;
            if (npm.ExitCode == 0 && Directory.GetFiles(folder, "*.tgz") is [var archive]) return OfArchive(archive);
            throw new InputException($"npm can't bring {Package}: {(await error).Trim()} {Offline}");
        }
        catch (Win32Exception e)
        {
            throw new InputException($"The page needs {Package}, and npm, which would bring it, isn't here. {Offline}", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Offline =>
        $"Where there is npm and a network, 'npm pack {Package}' writes a .tgz: name it with --onnxruntime-web.";
}
