using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Decoding;

/// <summary>A place in the cache folder for the decoded images of one source.</summary>
/// <param name="folder">The folder for all of them.</param>
/// <param name="key">What the images depend on; see <see cref="DecodedKey"/>.</param>
internal sealed class DecodedCache(string folder, byte[] key)
{
    /// <summary>A temporary file that was written to so recently may belong to a process that is about to lock it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>The file, whether it is there or not.</summary>
    public string File { get; } = Path.Combine(folder, Convert.ToHexStringLower(key)[..32] + ".pixels");

    /// <summary>Creates the temporary file; null creates it as usual.</summary>
    public Func<string, SafeFileHandle>? Create { get; init; }

    /// <summary>Makes a data set of decoded images: of those in the file, where it is whole, else decoded into it.</summary>
    /// <param name="tree">Where the files are.</param>
    /// <param name="names">Their names.</param>
    /// <param name="framing">What is kept of them.</param>
    /// <param name="assemble">Makes the set, with some remarks. May be called twice.</param>
    /// <param name="cancel">Stops the decoding.</param>
    /// <exception cref="InputException">Files can't be used, or the cache can't be written.</exception>
    public Dataset Load(FileTree tree, IReadOnlyList<string> names, Framing framing,
        Func<DecodedFiles, IEnumerable<string>, Dataset> assemble, CancellationToken cancel)
    {
        var problem = (string?)null;
        if (System.IO.File.Exists(File))
        {
            try
            {
                var (images, contentHash) = DecodedFormat.Open(File, key, names.Count);
                var data = assemble(images, [$"The decoded images are read from '{File}'."]);
                // The set's hash is made of every byte anyway, so damage within the pixels is found at no cost.
                if (data.Hash == contentHash) return data;
                (images.Pixels as IDisposable)?.Dispose();
                problem = "holds other pixels than were written";
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or OverflowException)
            {
                problem = e.Message;
            }
        }
        try
        {
            CacheFolder.Create(folder);
            RemoveLeftovers();
            using var writer = new DecodedWriter(File, Create);
            var images = writer.Fill(tree, names, framing, cancel);
            var data = assemble(images,
            [
                .. problem is null ? Array.Empty<string>() : [$"The file of decoded images '{File}' {problem}; it is made anew."],
                $"The decoded images ({images.Pixels.Bytes >> 20} MiB) are kept in '{File}', which may be deleted at any time.",
            ]);
            writer.Complete(key, data.Hash);
            return data;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The decoded images of '{tree.Path}' can't be kept in '{folder}': {e.Message} Make room there, "
                + $"name a folder on another disk in {CacheFolder.Variable}, or take a smaller --image-size.", e);
        }
    }

    /// <summary>Refuses early where the disk has no room.</summary>
    /// <exception cref="InputException">It hasn't.</exception>
    public void CheckRoom(string source, long need)
    {
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent) existing = parent;
        long free;
        try
        {
            free = new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return; // A network's share, for example: writing will tell.
        }
        if (!System.IO.File.Exists(File) && need > free)
            throw new InputException($"The decoded images of '{source}' need about {need >> 20} MiB in '{folder}', where {free >> 20} MiB "
                + $"are free. Make room there, name a folder on another disk in {CacheFolder.Variable}, or take a smaller --image-size.");
    }

    /// <summary>Deletes what processes that were killed left behind; those that are at work hold their files locked.</summary>
    private void RemoveLeftovers()
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + DecodedWriter.Temporary))
        {
            try
            {
                if (DateTime.UtcNow - System.IO.File.GetLastWriteTimeUtc(path) < Settled) continue;
                using (System.IO.File.OpenHandle(path, access: FileAccess.ReadWrite, share: FileShare.None)) System.IO.File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or another's.
            }
        }
    }
}

/// <summary>Whether decoded images are kept in a file in the user's cache folder, instead of in memory.</summary>
public enum DecodedCacheMode
{
    /// <summary>Where they don't fit into memory. The default.</summary>
    Auto,

    /// <summary>Always: the next run on the same files needn't decode them.</summary>
    On,

    /// <summary>Never; images that don't fit into memory are an error.</summary>
    Off,
}

/// <summary>What decoded images depend on, as a hash.</summary>
/// <remarks>Which files (place, list, sizes, times), what is kept of them, what they are said to be, and who decoded
/// them.</remarks>
internal static class DecodedKey
{
    /// <returns>32 bytes.</returns>
    /// <exception cref="InputException">The files can't be asked for their sizes.</exception>
    public static byte[] Of(FileTree tree, IReadOnlyList<LabelledFile> files, IReadOnlyList<string> classNames, Framing framing)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(FormattableString text)
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture));
            // With their length, so that no two lists give the same bytes.
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        Add($"decoder {ImageDecoder.Version}, Skia {SkiaSharp.SkiaSharpVersion.Native}, {RuntimeInformation.ProcessArchitecture}");
        Add($"short side {framing.ShortSide}, square {framing.Square}, longest {Framing.LongestAspect}");
        Add($"{Path.GetFullPath(tree.Path)}");
        foreach (var name in classNames) Add($"{name}");
        foreach (var file in files)
        {
            Add($"{file.Part} {file.Label} {file.Name}");
            if (file.Subject is { } subject) Add($"subject {subject}");
        }
        foreach (var (length, written) in tree.Stamps([.. files.Select(file => file.Name)])) Add($"{length} {written.Ticks}");
        return hash.GetHashAndReset();
    }
}
