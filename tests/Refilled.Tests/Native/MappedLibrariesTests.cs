using Refilled.Native;

namespace Refilled.Tests.Native;

public class MappedLibrariesTests
{
    [Fact]
    public void Libraries_are_listed_once_in_order() =>
        Assert.Equal(["/usr/lib/liba.so", "/opt/with space/libb.so.6"], MappedLibraries.Parse(
        """
        7f00-7f01 r--p 00000000 fe:00 1  /usr/lib/liba.so
        7f01-7f02 r-xp 00001000 fe:00 1  /usr/lib/liba.so
        7f02-7f03 rw-p 00000000 00:00 0
        7f03-7f04 r--p 00000000 fe:00 2 /opt/with space/libb.so.6
        7f04-7f05 rw-p 00000000 00:00 0 [heap]
        7f05-7f06 r--p 00000000 00:00 3 /usr/share/locale.archive
        7f06-7f07 r--p 00000000 00:00 4 /srv/name.so.d/data.bin

        """));

    [Fact]
    public void A_replaced_file_keeps_its_mark() =>
        Assert.Equal(["/usr/lib/libstdc++.so.6.0.30 (deleted)", "/usr/lib/libc.so (deleted)"], MappedLibraries.Parse(
        "7f00-7f01 r-xp 0 fe:00 1 /usr/lib/libstdc++.so.6.0.30 (deleted)\n7f02-7f03 r-xp 0 fe:00 1 /usr/lib/libc.so (deleted)\n7f04-7f05 "
            + "rw-s 0 00:01 1 /memfd:doublemapper (deleted)"));

    [Fact]
    public void Nothing_mapped_is_nothing_listed() => Assert.Empty(MappedLibraries.Parse(""));
}
