using System.Buffers.Binary;
using CsCheck;
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
        Assert.Equal(NodeChange.MadeWeak, ElfVersionNeeds.MakeWeak(after, "GLIBCXX_3.4.32"));
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
        Assert.Equal(NodeChange.Absent, ElfVersionNeeds.MakeWeak(after, "GLIBCXX_3.4.32"));
        Assert.Equal(before, after);
    }

    [Fact]
    public void A_weak_node_is_left_alone()
    {
        var once = MadeUpElf.Make(Nodes);
        ElfVersionNeeds.MakeWeak(once, "GLIBCXX_3.4.32");
        var twice = (byte[])once.Clone();
        Assert.Equal(NodeChange.AlreadyWeak, ElfVersionNeeds.MakeWeak(twice, "GLIBCXX_3.4.32"));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void Other_flags_stay()
    {
        var file = MadeUpElf.Make("GLIBCXX_3.4.32");
        file[64 + 16 + 4] = 0x1; // VER_FLG_BASE
        Assert.Equal(NodeChange.MadeWeak, ElfVersionNeeds.MakeWeak(file, "GLIBCXX_3.4.32"));
        Assert.Equal(0x3, file[64 + 16 + 4]);
    }

    [Fact]
    public void A_longer_name_is_another_node() =>
        Assert.Equal(NodeChange.Absent, ElfVersionNeeds.MakeWeak(MadeUpElf.Make("GLIBCXX_3.4.320", "GLIBCXX_3.4.3"), "GLIBCXX_3.4.32"));

    [Theory]
    [InlineData(4, 1)] // 32 bits
    [InlineData(5, 2)] // big-endian
    public void Other_kinds_of_ELF_are_refused(int offset, byte value)
    {
        var file = MadeUpElf.Make(Nodes);
        file[offset] = value;
        Assert.Contains("64-bit little-endian",
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(file, "GLIBCXX_3.4.32")).Message, StringComparison.Ordinal);
    }

    /// <summary>Each entry also reads as a library whose nodes are all that follow: a thousand entries would become half a
    /// million.</summary>
    [Fact]
    public void Overlapping_chains_end_early()
    {
        const int entries = 1000, first = 64;
        var file = MadeUpElf.Make([.. Enumerable.Range(0, entries).Select(i => $"N{i}")]);
        for (var i = 0; i <= entries; i++)
        {
            var entry = file.AsSpan(first + 16 * i, 16);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], ushort.MaxValue);         // nodes of the library
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 16);                      // its first node; a name
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], i < entries ? 16u : 0);  // the next library; the next node
        }
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(0x28));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(table + 64 + 0x2c), uint.MaxValue); // libraries
        Assert.Contains("more entries", Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(file, "GLIBCXX_3.4.32")).Message,
            StringComparison.Ordinal);
    }

    /// <summary>What is damaged in several places at once ends as one that is damaged in one: refused or read, nothing else.</summary>
    [Fact]
    public void Random_damage_never_does_worse_than_InvalidDataException() =>
        Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var file = MadeUpElf.Make(Nodes);
            foreach (var (at, value) in changes) file[at % file.Length] = value;
            try { ElfVersionNeeds.MakeWeak(file, "GLIBCXX_3.4.32"); }
            catch (InvalidDataException) { }
        }, iter: 5000, threads: 1);

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

    [Fact]
    public void The_real_library_cut_anywhere_is_refused()
    {
        if (TorchRuntime.Load().PatchedCopy is null) Assert.Skip("this system needs no adapted copy");
        var whole = File.ReadAllBytes(TorchRuntime.Load().PatchedCopy!);
        for (var length = 0; length < whole.Length; length += 9973)
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(whole.AsSpan(0, length), "GLIBCXX_3.4.32"));
    }
}
