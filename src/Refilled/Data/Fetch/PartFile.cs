using System.Net.Http.Headers;
using System.Security.Cryptography;
using Refilled.Files;

namespace Refilled.Data.Fetch;

/// <summary>A download under way, which only one process at a time holds.</summary>
/// <remarks>The bytes so far are in "&lt;file&gt;.part", and beside it, in "&lt;file&gt;.part.etag", is by what the server tells
/// this version of the file from others. Nothing in it is lost when the process ends.</remarks>
internal sealed class PartFile : IDisposable
{
    /// <summary>More than any entity tag needs, so that a foreign file of that name isn't read whole.</summary>
    private const int LongestVersion = 4096;

    private readonly string target;
    private readonly FileStream stream;

    private PartFile(string target, FileStream stream)
    {
        (this.target, this.stream) = (target, stream);
        stream.Seek(0, SeekOrigin.End);
        Version = ReadVersion();
    }

    /// <summary>The file.</summary>
    public string Path => target + ".part";

    /// <summary>Bytes so far.</summary>
    public long Length => stream.Length;

    /// <summary>What the server called the version that these bytes belong to, or null.</summary>
    public RangeConditionHeaderValue? Version { get; private set; }

    private string VersionPath => Path + ".etag";

    /// <summary>Opens the part of a file, or begins one.</summary>
    /// <exception cref="InputException">It can't be written, or another process holds it.</exception>
    public static PartFile Open(string target) => Disk.Try(
        () =>
        {
            if (System.IO.Path.GetDirectoryName(target) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            // Without a buffer, so that what was appended is in the file however the process ends.
            return new PartFile(target, new FileStream(target + ".part", FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None, bufferSize: 0));
        },
        e => new InputException($"'{target}.part' can't be written: {e.Message}", e));

    /// <summary>Throws the bytes away; those to come are of that version.</summary>
    public void StartAnew(RangeConditionHeaderValue? version) => Disk.Try(() =>
    {
        stream.SetLength(0);
        stream.Position = 0;
        Version = version;
        if (version is null) File.Delete(VersionPath);
        else File.WriteAllText(VersionPath, version.ToString());
    }, Failed);

    /// <summary>Adds bytes to the end.</summary>
    public Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel) => Disk.TryAsync(
        async () =>
        {
            await stream.WriteAsync(bytes, cancel).ConfigureAwait(false);
            return true;
        },
        Failed);

    /// <summary>The MD5 of what is there.</summary>
    public Task<string> Md5Async(CancellationToken cancel) => Disk.TryAsync(() => Checksum.Md5Async(stream, cancel), Failed);

    /// <summary>The part is whole: it takes the file's name.</summary>
    public void Complete() => Disk.Try(() =>
    {
        Durable.Keep(stream);
        stream.Dispose();
        File.Move(Path, target);
        File.Delete(VersionPath);
    }, Failed);

    /// <summary>The part is of no use: it goes.</summary>
    public void Discard() => Disk.Try(() =>
    {
        StartAnew(null);
        stream.Dispose();
        File.Delete(Path);
    }, Failed);

    /// <summary>Lets go of the part. An empty one needn't stay.</summary>
    public void Dispose()
    {
        if (stream.CanWrite && stream.Length == 0) Discard();
        stream.Dispose();
    }

    private RangeConditionHeaderValue? ReadVersion()
    {
        var file = new FileInfo(VersionPath);
        return stream.Length > 0 && file.Exists && file.Length <= LongestVersion
            && RangeConditionHeaderValue.TryParse(File.ReadAllText(VersionPath), out var version)
            ? version
            : null;
    }

    private FetchException Failed(Exception e) =>
        new($"'{Path}' can't be written: {e.Message.TrimEnd('.')}. What is in it is kept, and the same command goes on from there.", e);
}

/// <summary>The checksum that the publishers of our archives give.</summary>
internal static class Checksum
{
    /// <summary>The MD5 of the stream from its beginning, in hexadecimal.</summary>
    public static async Task<string> Md5Async(Stream stream, CancellationToken cancel)
    {
        stream.Position = 0;
#pragma warning disable CA5351 // The publishers give no other checksum; it tells a damaged file, not a forged one.
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, cancel).ConfigureAwait(false));
#pragma warning restore CA5351
    }
}
