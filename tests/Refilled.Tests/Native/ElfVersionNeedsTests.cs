using Refilled.Native;
using Refilled.Tests.Support;

namespace Refilled.Tests.Native;

public class ElfVersionNeedsTests
{
    private static readonly string[] Nodes = ["GLIBCXX_3.4", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30"];

    [Fact]
    public void One_flag_of_one_node_changes()
    {
        var before = MadeUpElf.Make(Nodes);
        var after = (byte[])before.Clone();
        Assert.True(ElfVersionNeeds.MakeWeak(after, "GLIBCXX_3.4.32"));
        var changed = Assert.Single(Enumerable.Range(0, before.Length), i => before[i] != after[i]);
        // The flags of the second entry: header, Verneed, first Vernaux, then 4 bytes of hash.
        Assert.Equal(64 + 16 + 16 + 4, changed);
        Assert.Equal(2, after[changed]);
    }

    [Fact]
    public void All_nodes_are_found() => Assert.Equal(Nodes, ElfVersionNeeds.Names(MadeUpElf.Make(Nodes)));

    [Fact]
    public void Without_the_node_nothing_changes()
    {
        var before = MadeUpElf.Make("GLIBCXX_3.4");
        var after = (byte[])before.Clone();
        Assert.False(ElfVersionNeeds.MakeWeak(after, "GLIBCXX_3.4.32"));
        Assert.Equal(before, after);
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        var whole = MadeUpElf.Make(Nodes);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(whole.AsSpan(0, length).ToArray(), "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void Damage_never_does_worse_than_InvalidDataException()
    {
        var whole = MadeUpElf.Make(Nodes);
        for (var i = 0; i < whole.Length; i++)
        {
            foreach (var value in new byte[] { 0x7f, 0xff })
            {
                var damaged = (byte[])whole.Clone();
                damaged[i] = value;
                try { ElfVersionNeeds.MakeWeak(damaged, "GLIBCXX_3.4.32"); }
                catch (InvalidDataException) { }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("#!/bin/sh\necho this is a script of some length, but no library at all\n")]
    public void Other_files_are_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(System.Text.Encoding.UTF8.GetBytes(text), "GLIBCXX_3.4.32"));

    [Fact]
    public void In_the_real_library_one_byte_changes()
    {
        var original = TorchRuntime.Load() is { PatchedCopy: not null } report
            ? Path.Combine(Path.GetDirectoryName(report.Loaded[0])!, "libLibTorchSharp.so") : null;
        if (!File.Exists(original)) Assert.Skip("this system needs no adapted copy");
        var (before, copy) = (File.ReadAllBytes(original), File.ReadAllBytes(TorchRuntime.Load().PatchedCopy!));
        Assert.Contains("GLIBCXX_3.4.32", ElfVersionNeeds.Names(before));
        Assert.Single(Enumerable.Range(0, before.Length), i => before[i] != copy[i]);
    }
}
