using Refilled.Native;
using Refilled.Tests.Support;

namespace Refilled.Tests.Native;

public sealed class PatchedLibraryTests : IDisposable
{
    private const string Node = "GLIBCXX_3.4.32";
    private readonly TemporaryFolder folder = new();
    private readonly string original;

    public PatchedLibraryTests()
    {
        original = folder["libShim.so"];
        File.WriteAllBytes(original, MadeUpElf.Make("GLIBCXX_3.4", Node));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_original_stays_and_the_copy_is_weak()
    {
        var before = File.ReadAllBytes(original);
        var copy = PatchedLibrary.Make(original, Node, folder["cache"]);
        Assert.Equal(before, File.ReadAllBytes(original));
        var expected = (byte[])before.Clone();
        ElfVersionNeeds.MakeWeak(expected, Node);
        Assert.Equal(expected, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void A_copy_is_made_once_and_a_damaged_one_again()
    {
        var copy = PatchedLibrary.Make(original, Node, folder["cache"]);
        var whole = File.ReadAllBytes(copy);
        var written = File.GetLastWriteTimeUtc(copy);
        Assert.Equal(copy, PatchedLibrary.Make(original, Node, folder["cache"]));
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));
        File.WriteAllBytes(copy, whole[..10]);
        Assert.Equal(copy, PatchedLibrary.Make(original, Node, folder["cache"]));
        Assert.Equal(whole, File.ReadAllBytes(copy));
    }

    [Fact]
    public void Damage_that_keeps_the_length_is_noticed()
    {
        var copy = PatchedLibrary.Make(original, Node, folder["cache"]);
        var whole = File.ReadAllBytes(copy);
        var damaged = (byte[])whole.Clone();
        damaged[^1] ^= 1;
        File.WriteAllBytes(copy, damaged);
        Assert.Equal(copy, PatchedLibrary.Make(original, Node, folder["cache"]));
        Assert.Equal(whole, File.ReadAllBytes(copy));
    }

    [Fact]
    public void Another_original_gets_a_copy_of_its_own()
    {
        var first = PatchedLibrary.Make(original, Node, folder["cache"]);
        File.WriteAllBytes(original, MadeUpElf.Make("GLIBCXX_3.4.1", Node));
        Assert.NotEqual(first, PatchedLibrary.Make(original, Node, folder["cache"]));
        Assert.Equal(2, Directory.GetFiles(folder["cache", "native"]).Length);
    }

    [Fact]
    public void A_folder_without_the_right_to_write_is_named()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("modes don't bind this user");
            return;
        }
        Directory.CreateDirectory(folder["locked"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Contains(folder["locked"], Assert.Throws<NativeLoadException>(
            () => PatchedLibrary.Make(original, Node, folder["locked"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_missing_is_named() =>
        Assert.Contains(folder["none.so"], Assert.Throws<NativeLoadException>(
            () => PatchedLibrary.Make(folder["none.so"], Node, folder["cache"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Many_at_once_agree()
    {
        var copies = new string[16];
        Parallel.For(0, copies.Length, i => copies[i] = PatchedLibrary.Make(original, Node, folder["cache"]));
        Assert.Single(copies.Distinct());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copies[0])!));
    }

    [Fact]
    public void An_unwritable_folder_is_named_with_the_way_out()
    {
        File.WriteAllText(folder["file"], "");
        var e = Assert.Throws<NativeLoadException>(() => PatchedLibrary.Make(original, Node, folder["file"]));
        Assert.Contains(folder["file"], e.Message, StringComparison.Ordinal);
        Assert.Contains("REFILLED_CACHE", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_with_another_problem_is_not_copied()
    {
        Assert.Contains("not for lack of", Assert.Throws<NativeLoadException>(
            () => PatchedLibrary.Make(original, "GLIBCXX_9", folder["cache"])).Message, StringComparison.Ordinal);
        File.WriteAllBytes(original, File.ReadAllBytes(original)[..70]);
        Assert.Contains("damaged", Assert.Throws<NativeLoadException>(() => PatchedLibrary.Make(original, Node, folder["cache"])).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["cache"]));
    }
}
