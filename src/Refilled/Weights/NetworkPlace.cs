using System.Security.Cryptography;
using System.Text;
using Refilled.Files;

namespace Refilled.Weights;

/// <summary>A path that a trained network is named by: a run folder (its selected network) or a network file.</summary>
/// <remarks>Behind a "#" a part of the file may be named, such as "teacher.onnx#pooled": what it means is the format's matter.</remarks>
public sealed class NetworkPlace
{
    private readonly Lazy<string> file;
    private string? hash, known;

    /// <summary>Takes a path as it was given, and looks at nothing yet.</summary>
    /// <param name="path">The path.</param>
    /// <param name="role">What the network is for, in messages. Default "teacher".</param>
    public NetworkPlace(string path, string role = "teacher")
    {
        (Path, Role) = (path, role);
        // What is missing now may be there when it is asked for again.
        file = new Lazy<string>(() => Locate(Name, role), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>What stands behind the path's last "#"; null where nothing does, or a file has that very name.</summary>
    public string? Part => Cut(Path).Part;

    /// <summary>The path without its part.</summary>
    internal string Name => Cut(Path).Path;

    /// <summary>What the network is for, in messages.</summary>
    public string Role { get; }

    /// <summary>The file that the path stands for.</summary>
    /// <exception cref="InputException">There is none; the message says what was looked for.</exception>
    public string File => known ?? file.Value;

    /// <summary>The file that the path stands for; null where there is none.</summary>
    internal string? TryFile => System.IO.File.Exists(Cut(Path).Path) ? Cut(Path).Path : null;

    /// <summary>SHA-256 (hex) of the file, computed when it is read or first asked for.</summary>
    /// <remarks>Where a part of it is meant, of both.</remarks>
    /// <exception cref="InputException">There is no file.</exception>
    public string Hash
    {
        get => hash ??= OfPart(FileHash.Of(File));
        internal set => hash = OfPart(value);
    }

    /// <summary>Says where the file is, for a format whose names are no paths.</summary>
    internal void LiesAt(string path) => known = path;

    /// <summary>The place of a file that is there.</summary>
    /// <inheritdoc cref="NetworkPlace(string, string)"/>
    /// <exception cref="InputException">There is none; the message says what was looked for.</exception>
    internal static NetworkPlace Find(string path, string role = "teacher")
    {
        var place = new NetworkPlace(path, role);
        _ = place.File;
        return place;
    }

    /// <summary>A path of something that is there as an absolute one; any other text as it is.</summary>
    internal static string? Absolute(string? path) =>
        path is not null && System.IO.Path.Exists(Cut(path).Path) ? System.IO.Path.GetFullPath(path) : path;

    private string OfPart(string whole) => Part is null ? whole
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{whole}#{Part}")));

    private static (string Path, string? Part) Cut(string path)
    {
        var cut = path.LastIndexOf('#');
        return cut <= 0 || cut == path.Length - 1 || System.IO.Path.Exists(path) ? (path, null) : (path[..cut], path[(cut + 1)..]);
    }

    private static string Locate(string path, string role)
    {
        if (System.IO.File.Exists(path)) return path;
        if (!Directory.Exists(path))
            throw new InputException($"There is no {role} '{path}': name a run folder or a network file (.safetensors).");
        var file = System.IO.Path.Combine(path, NetworkFile.NameInRun);
        return System.IO.File.Exists(file) ? file : throw new InputException($"The folder '{path}' holds no finished run: "
            + $"it has no {NetworkFile.NameInRun}. Finish the run with --resume, or name another {role}.");
    }
}
