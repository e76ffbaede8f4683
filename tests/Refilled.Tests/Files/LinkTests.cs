using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

/// <summary>Links in folders and archives: followed, seen once, or named.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Archives => ["zip", "tar.gz"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_s_links_are_followed_and_those_that_lead_back_are_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        folder.Write("outside/c.txt", "c");
        folder.Write("tree/a/one.txt", "1");
        Directory.CreateSymbolicLink(folder["tree", "b"], folder["outside"]);
        File.CreateSymbolicLink(folder["tree", "a", "two.txt"], folder["outside", "c.txt"]);
        foreach (var (name, target) in new[] { ("loop", "."), ("up", ".."), ("root", "/"), ("above", "../..") })
            Directory.CreateSymbolicLink(folder["tree", "a", name], target);
        Directory.CreateSymbolicLink(folder["outside", "back"], folder["tree", "a"]);
        Directory.CreateSymbolicLink(folder["tree", "a", "there"], folder["outside"]);

        using var tree = Open(folder["tree"]);
        // Each way to a folder is gone once: "there/back" would be "a" again.
        Assert.Equal(["a/one.txt", "a/there/c.txt", "a/two.txt", "b/back/one.txt", "b/back/two.txt", "b/c.txt"], tree.Names);
        Assert.Equal("c"u8.ToArray(), tree.Read("b/c.txt"));
        Assert.Empty(tree.Unreadable);
    }

    [Fact]
    public void Dead_links_pipes_and_files_that_can_not_be_read_are_bad_one_by_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes in folders there.");
        folder.Write("tree/good.txt", "good");
        File.CreateSymbolicLink(folder["tree", "dead.txt"], "nowhere");
        File.CreateSymbolicLink(folder["tree", "self.txt"], "self.txt");
        File.CreateSymbolicLink(folder["tree", "device.txt"], "/dev/zero");
        System.Diagnostics.Process.Start("mkfifo", [folder["tree", "pipe.txt"]]).WaitForExit();
        folder.Write("tree/locked.txt", "locked");
        using var locked = new FileStream(folder["tree", "locked.txt"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        using var tree = Open(folder["tree"]);
        var (read, refused) = (new Dictionary<string, byte[]>(), new Dictionary<string, string>());
        tree.Read(tree.Names.ToHashSet(), read.Add, refuse: refused.Add, cancel: TestContext.Current.CancellationToken);
        Assert.Equal("good"u8.ToArray(), read["good.txt"]);
        Assert.Empty(read["pipe.txt"]);
        Assert.Empty(read["device.txt"]);
        Assert.Equal("is a link to 'nowhere', which isn't there", refused["dead.txt"]);
        Assert.Equal("is a link that leads back to itself", refused["self.txt"]);
        Assert.StartsWith("can't be read (", refused["locked.txt"], StringComparison.Ordinal);
        Assert.Equal((3, 3), (read.Count, refused.Count));
        Assert.Contains("dead.txt is a link", Assert.Throws<InputException>(() => tree.Read("dead.txt")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public void An_archive_s_links_are_followed_within_it_and_others_are_named(string kind)
    {
        using var tree = Open(Archive(kind, new() { ["real/x/1.txt"] = "1", ["real/2.txt"] = "2" }, new()
        {
            ["a/one.txt"] = "../real/x/1.txt", ["a/again.txt"] = "one.txt", ["b"] = "real", ["c"] = "b/x", ["real/x/loop"] = "..",
            ["out.txt"] = "/etc/passwd", ["climbs.txt"] = "../../etc/passwd", ["gone.txt"] = "real/3.txt", ["self"] = "self",
        }));
        Assert.Equal(["a/again.txt", "a/one.txt", "b/2.txt", "b/x/1.txt", "c/1.txt", "climbs.txt", "gone.txt", "out.txt", "real/2.txt",
            "real/x/1.txt", "self"], tree.Names);
        foreach (var (name, content) in new[] { ("a/again.txt", "1"), ("b/2.txt", "2"), ("c/1.txt", "1"), ("real/x/1.txt", "1") })
            Assert.Equal(content, Encoding.UTF8.GetString(tree.Read(name)));
        Assert.Equal(new Dictionary<string, string>
        {
            ["climbs.txt"] = "is a link to '../../etc/passwd', outside the archive",
            ["gone.txt"] = "is a link to 'real/3.txt', which the archive lacks",
            ["out.txt"] = "is a link to '/etc/passwd', outside the archive",
            ["self"] = "is a link to 'self', which the archive lacks",
        }, tree.Unreadable);
    }

    [Fact]
    public void Hard_links_in_a_tar_are_the_file_itself()
    {
        var path = folder["hard.tar.gz"];
        using (var archive = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest)))
        {
            archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "a/1.txt") { DataStream = new MemoryStream("1"u8.ToArray()) });
            archive.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "b/c/2.txt") { LinkName = "a/1.txt" });
        }
        using var tree = Open(path);
        Assert.Equal(["a/1.txt", "b/c/2.txt"], tree.Names);
        Assert.Equal("1"u8.ToArray(), tree.Read("b/c/2.txt"));
    }

    [Fact]
    public void Links_that_multiply_without_end_are_refused()
    {
        var links = new Dictionary<string, string>();
        for (var i = 0; i < 40; i++)
            foreach (var way in new[] { "l", "r" }) links[$"d{i}/{way}"] = $"../d{i + 1}";
        var message = Assert.Throws<InputException>(() => Open(Archive("tar.gz", new() { ["d40/x.txt"] = "x" }, links))).Message;
        Assert.Contains("links make names without end", message, StringComparison.Ordinal);
    }

    private static FileTree Open(string path) => FileTree.Open(path, "tree", TestContext.Current.CancellationToken);

    private string Archive(string kind, Dictionary<string, string> files, Dictionary<string, string> links)
    {
        var path = folder["a." + kind];
        if (kind == "zip")
        {
            using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
            foreach (var (name, content) in files.Concat(links))
            {
                var entry = zip.CreateEntry(name);
                if (links.ContainsKey(name)) entry.ExternalAttributes = unchecked((int)0xA1FF0000);
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(content));
            }
            return path;
        }
        using var tar = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var (name, target) in links) tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });
        foreach (var (name, content) in files)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
                { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        return path;
    }
}
