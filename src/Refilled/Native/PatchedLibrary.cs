using System.Security.Cryptography;
using Refilled.Files;

namespace Refilled.Native;

/// <summary>A copy of TorchSharp's native library with one requirement made weak.</summary>
/// <remarks>Kept in the user's cache folder under the SHA-256 of the original. The original is a hard link into the package cache
/// and is never touched.</remarks>
internal static class PatchedLibrary
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Where copies are kept; see <see cref="Refilled.CacheFolder"/>.</summary>
    /// <exception cref="NativeLoadException">There is no such folder.</exception>
    public static string CacheFolder() => Refilled.CacheFolder.Find()
        ?? throw new NativeLoadException("The engine needs an adapted copy of a library on this system, but there is no home folder to "
            + $"keep it in. Set {Refilled.CacheFolder.Variable} to a folder that can be written.");

    /// <summary>Finds or makes the copy.</summary>
    /// <remarks>Safe against other processes that do the same at the same time: each writes a file of its own and renames it, and
    /// all write the same bytes.</remarks>
    /// <param name="original">The library.</param>
    /// <param name="node">The version node that is made weak.</param>
    /// <param name="folder">The cache folder.</param>
    /// <returns>The copy's path.</returns>
    /// <exception cref="NativeLoadException">The original is damaged or doesn't require the node, or the folder can't be
    /// written.</exception>
    public static string Make(string original, string node, string folder)
    {
        byte[] bytes;
        string name;
        try
        {
            bytes = File.ReadAllBytes(original);
            name = $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}-{Path.GetFileName(original)}";
            if (ElfVersionNeeds.MakeWeak(bytes, node) != NodeChange.MadeWeak)
                throw new NativeLoadException($"'{original}' can't be loaded, and not for lack of {node}: it doesn't require it.");
        }
        catch (InvalidDataException e)
        {
            throw new NativeLoadException($"'{original}' is damaged ({e.Message}); restore the package TorchSharp again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NativeLoadException($"'{original}' can't be read: {e.Message}", e);
        }
        var path = Path.Combine(folder, "native", name);
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)) return path;
            Refilled.CacheFolder.Create(Path.GetDirectoryName(path)!);
            var temporary = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
            try
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Readable;
                using (var stream = new FileStream(temporary, options))
                {
                    stream.Write(bytes);
                    Durable.Keep(stream);
                }
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NativeLoadException(
                $"The engine needs an adapted copy of {Path.GetFileName(original)} on this system, but the cache folder '{folder}' can't "
                    + $"be written ({e.Message}). Set {Refilled.CacheFolder.Variable} to a folder that can.", e);
        }
    }
}
