using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

public class ZipTreeTests
{
    [Theory]
    [InlineData(12, "BZip2")]
    [InlineData(14, "LZMA")]
    public void A_method_that_is_not_read_is_named(byte method, string name)
    {
        using var folder = new TemporaryFolder();
        var path = MadeUpFiles.Zip(folder["packed.zip"], new Dictionary<string, byte[]> { ["a/0.png"] = MadeUpFiles.Picture(0) });
        // The method stands 8 bytes into an entry's own header and 10 into its line of the directory.
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at + 4 < bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0003\u0004"u8)) bytes[at + 8] = method;
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8)) bytes[at + 10] = method;
        }
        File.WriteAllBytes(path, bytes);
        using var tree = FileTree.Open(path, "folder of images");
        var message = Assert.Throws<InputException>(() => tree.Read("a/0.png")).Message;
        Assert.Contains("a/0.png is packed by a method that isn't read here", message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("unpack it and name its folder", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Download", message, StringComparison.Ordinal);
    }
}
