using System.Security.Cryptography;

namespace Refilled.Files;

/// <summary>The content of a file as a short text.</summary>
internal static class FileHash
{
    /// <summary>SHA-256 (hex) of a file's bytes.</summary>
    public static string Of(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
