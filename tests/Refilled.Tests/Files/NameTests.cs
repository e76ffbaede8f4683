using System.Text;
using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

/// <summary>Names as people's systems write them.</summary>
public sealed class NameTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("caf\u00e9", "caf\u00e9")]
    [InlineData("plain/name.png", "plain/name.png")]
    [InlineData("Vie\u0323\u0302t", "Vi\u1ec7t")]
    [InlineData("\u304b\u3099", "\u304c")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")]
    [InlineData("x\u0301", "x\u0301")]
    [InlineData("\u0301", "\u0301")]
    public void Accents_are_joined_to_their_letters(string name, string composed) => Assert.Equal(composed, ComposedName.Of(name));

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_decomposed_name_is_the_composed_one_and_is_read(string kind)
    {
        var files = new Dictionary<string, byte[]> { ["cafe\u0301/nai\u0308ve.txt"] = [7], ["b.txt"] = [8] };
        using var tree = Open(kind switch
        {
            "folder" => MadeUpFiles.Folder(folder["tree"], files),
            "zip" => MadeUpFiles.Zip(folder["tree.zip"], files),
            _ => MadeUpFiles.TarGz(folder["tree.tar.gz"], files),
        });
        Assert.Equal(["b.txt", "caf\u00e9/na\u00efve.txt"], tree.Names);
        Assert.Equal([7], tree.Read("caf\u00e9/na\u00efve.txt"));
        if (kind == "folder") Assert.Equal(1, tree.Stamps(["caf\u00e9/na\u00efve.txt"])[0].Length);
    }

    [Fact]
    public void Both_spellings_of_one_name_are_refused()
    {
        var path = MadeUpFiles.Zip(folder["a.zip"], new Dictionary<string, byte[]> { ["\u00e9.txt"] = [1], ["e\u0301.txt"] = [2] });
        Assert.Contains("holds \u00e9.txt twice", Assert.Throws<InputException>(() => Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(932, "\u732b/\u30bd\u30d51.txt")] // a cat; its second letter's last byte is a backslash
    [InlineData(932, "\u72ac.txt")]
    [InlineData(437, "Stra\u00dfe/\u00c4pfel.txt")]
    [InlineData(65001, "caf\u00e9.txt")]
    public void Names_in_a_zip_that_does_not_say_how_they_are_written_are_read(int page, string name)
    {
        var bytes = page == 65001 ? Encoding.UTF8.GetBytes(name) : CodePagesEncodingProvider.Instance.GetEncoding(page)!.GetBytes(name);
        var path = Raw(bytes);
        using var tree = Open(path);
        Assert.Equal([name], tree.Names);
        Assert.Equal([5], tree.Read(name));
    }

    [Fact]
    public void No_two_names_become_one_whatever_their_bytes_are()
    {
        foreach (var bytes in new byte[][] { [0x81, 0x20], [0xff, 0xfe], [0x80, 0x80] })
        {
            using var tree = Open(Raw(bytes));
            Assert.DoesNotContain('\ufffd', Assert.Single(tree.Names));
        }
    }

    [Fact]
    public void What_storage_devices_leave_behind_is_passed_over()
    {
        string[] junk = ["a/@eaDir/1.png/1.png", "a/.thumbnails/1.png", "a/.ipynb_checkpoints/1.png", "__MACOSX/a/._1.png", "a/._1.png",
            "a/Thumbs.db", "#recycle/1.png", "lost+found/1.png"];
        using var tree = Open(MadeUpFiles.Folder(folder["tree"],
            junk.Append("a/1.png").Select(name => KeyValuePair.Create(name, "x"u8.ToArray()))));
        Assert.Equal(["a/1.png"], tree.Names);
        Assert.Equal(["a"], tree.Folders);
    }

    private static FileTree Open(string path) => FileTree.Open(path, "tree", TestContext.Current.CancellationToken);

    /// <summary>A .zip with one file, its name put there byte by byte.</summary>
    private string Raw(byte[] name)
    {
        var path = folder[$"{Guid.NewGuid():N}.zip"];
        var stand = new string('q', name.Length);
        MadeUpFiles.Zip(path, new Dictionary<string, byte[]> { [stand] = [5] });
        var file = File.ReadAllBytes(path);
        var pattern = Encoding.ASCII.GetBytes(stand);
        for (var at = file.AsSpan().IndexOf(pattern); at >= 0; at = file.AsSpan().IndexOf(pattern)) name.CopyTo(file, at);
        File.WriteAllBytes(path, file);
        return path;
    }
}
