using System.Security.Cryptography;

namespace Refilled.Data.Fetch;

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
