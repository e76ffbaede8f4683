using System.Buffers;
using System.Text;

namespace Refilled.Native;

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
