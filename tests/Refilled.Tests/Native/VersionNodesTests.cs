using System.Text;
using Refilled.Native;

namespace Refilled.Tests.Native;

public class VersionNodesTests
{
    [Theory]
    [InlineData("x\0GLIBCXX_3.4.9\0GLIBCXX_3.4.30\0GLIBCXX_3.4\0GLIBCXX_DEBUG\0GLIBCXX_3.4.5", "GLIBCXX_3.4.30")] // by number, not by text
    [InlineData("GLIBCXX_3.4.32", "GLIBCXX_3.4.32")]                                                             // up to the last byte
    [InlineData("GLIBCXX_GLIBCXX_3.4.1\0", "GLIBCXX_3.4.1")]
    [InlineData("GLIBCXX_3.4.99999999999\0GLIBCXX_..\0GLIBCXX_3.4.2\0", "GLIBCXX_3.4.2")]                        // no version at all
    [InlineData("CXXABI_1.3.13\0GLIBCXX_", null)]
    [InlineData("", null)]
    public void The_newest_is_found(string library, string? expected) =>
        Assert.Equal(expected, VersionNodes.Newest(Encoding.ASCII.GetBytes(library)));
}
