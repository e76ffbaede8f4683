using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>Lists of images as tables, and images that belong together.</summary>
public sealed class ImageListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ImageListTests()
    {
        for (var i = 0; i < 12; i++) Write($"pets/images/{(i % 2 == 0 ? "cat" : "dog")}{i / 2}.png", MadeUpFiles.Picture(i));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("file,label,split\n", ",")]
    [InlineData("", ";")]
    [InlineData("Split\tFilename\tClass\n", "\t")]
    public void A_list_says_what_each_image_is(string columns, string separator)
    {
        string Line(string name, string label, string part) => string.Join(separator, separator == "\t"
            ? [part, name, label] : new[] { name, label, part }) + "\n";
        var path = folder.Write("pets/list.csv", columns + Line("images/cat0.png", "cat", "Train")
            + Line(@"images\dog0.png", "dog", "train") + Line("./images/cat1.png", "cat", "VALID")
            + Line(folder["pets", "images", "dog1.png"], "dog", "dev")
            + Line("images/../images/cat2.png", "cat", "testing") + Line("images/dog2.png", "dog", "test"));
        var data = DataCatalog.Load(path);
        Assert.Equal((2, 2, 2), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Equal(["cat", "dog"], data.Train.ClassNames);
        Assert.Equal(data.Hash, DataCatalog.Load("folder:" + path).Hash);
    }

    [Fact]
    public void A_folder_may_have_one_list_for_all_or_one_for_each_part()
    {
        folder.Write("pets/train.csv", "file,label\nimages/cat0.png,cat\nimages/dog0.png,dog\n");
        folder.Write("pets/Test.csv", "file;label\nimages/cat1.png;cat\nimages/dog1.png;dog\n");
        var data = DataCatalog.Load(folder["pets"]);
        Assert.Equal((2, 2), (data.Train.Count, data.Test.Count));
        Assert.Contains(data.Notes, note => note.Contains("8 images, such as images/cat2.png", StringComparison.Ordinal));

        File.Delete(folder["pets", "train.csv"]);
        File.Delete(folder["pets", "Test.csv"]);
        folder.Write("pets/list.csv", "images/cat0.png,cat\nimages/cat1.png,cat\nimages/dog0.png,dog\nimages/dog1.png,dog\n");
        Assert.Equal((2, 2), DataCatalog.Load(folder["pets"]) is var all ? (all.Train.Count, all.Test.Count) : default);
        var zip = folder["pets.zip"];
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["pets"], zip, default, includeBaseDirectory: true);
        Assert.Equal(DataCatalog.Load(folder["pets"]).Hash, DataCatalog.Load(zip).Hash);
    }

    [Fact]
    public void Folders_of_classes_come_before_lists()
    {
        foreach (var name in new[] { "cat", "dog" })
            for (var i = 0; i < 2; i++) Write($"sorted/{name}/{i}.png", MadeUpFiles.Picture(i));
        folder.Write("sorted/train.csv", "id,price\n1,2\n");
        Assert.Equal(["cat", "dog"], DataCatalog.Load(folder["sorted"]).Train.ClassNames);
    }

    [Theory]
    [InlineData("file,label\nimages/cat0.png\n", "list.csv:2 gives 'images/cat0.png' no label")]
    [InlineData("file,label\n,cat\n", "list.csv:2 names no file")]
    [InlineData("file,label\nimages/cat0.png,cat,big\n", "list.csv:2 has 3 values, but the first line has 2")]
    [InlineData("file,label,split\nimages/cat0.png,cat,fold1\n", "list.csv:2: 'fold1' is no part of the data; write train")]
    [InlineData("file,label,split\nimages/cat0.png,cat,\n", "list.csv:2 doesn't say what 'images/cat0.png' is for")]
    [InlineData("id,price\n1,2\n", "list.csv:1 must name the columns, file,label")]
    [InlineData("\n\n", "list.csv is empty")]
    [InlineData("file,label\n", "names columns, but no images")]
    [InlineData("file,label\nimages/cat0.png,cat\nimages/dog0.png,dog\n./images/cat0.png,dog\n", "list.csv:4 names 'images/cat0.png'")]
    [InlineData("file,label,split\nimages/cat0.png,cat,train\nimages/dog0.png,dog,train\nimages/dog1.png,dogs,test\n"
        + "images/cat1.png,cat,test\n", "list.csv:4 has the label 'dogs', which no training image has. Did you mean 'dog'?")]
    [InlineData("file,label,split\nimages/cat0.png,cat,train\nimages/dog0.png,emu,test\n", "mini-imagenet:<path>")]
    [InlineData("file,label,split\nimages/cat0.png,cat,test\n", "lists no training images")]
    [InlineData("file,label\nimages/cat0.png,cat\nimages/dog0.png,dog\nimages/cat1.png,cat\nimages/dog9.png,dog\n",
        "images/dog9.png is missing")]
    public void What_is_wrong_with_a_list_is_said_with_its_line(string text, string message) =>
        Assert.Contains(message, Refused(folder.Write("pets/list.csv", text)), StringComparison.Ordinal);

    [Fact]
    public void Files_that_lie_elsewhere_are_found_for_the_message()
    {
        folder.Write("pets/train.csv", "file,label\ncat0.png,cat\ndog0.png,dog\n");
        Assert.Contains("such as 'cat0.png'; 'images/cat0.png' is. Files are named from the list's own folder", Refused(folder["pets"]),
            StringComparison.Ordinal);
        folder.Write("pets/train.csv", "file,label,split\nimages/cat0.png,cat,test\n");
        Assert.Contains("train.csv:2 says 'test', but the list itself is of another part", Refused(folder["pets"]),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file,label,group", null)]
    [InlineData("file,label,person", "person")]
    [InlineData("file,label", @"(\d+)\.png$")]
    public void Images_that_belong_together_stay_together(string columns, string? rule)
    {
        var lines = Enumerable.Range(0, 12).Select(i => $"images/{(i % 2 == 0 ? "cat" : "dog")}{i / 2}.png,{(i % 2 == 0 ? "cat" : "dog")}"
            + (columns.Count(c => c == ',') == 2 ? $",{i / 2}" : ""));
        var data = DataCatalog.Load(folder.Write("pets/list.csv", columns + "\n" + string.Join('\n', lines)),
            new DataOptions { GroupBy = rule });
        // A cat and a dog of each number: their sample ids are the number, and the number with six added.
        Assert.Equal(data.Test.SampleIds.Select(id => id % 6).Distinct().Count() * 2, data.Test.Count);
        var (train, heldOut) = data.Train.HoldOut(0.3, 0);
        Assert.Empty(train.SampleIds.Select(id => id % 6).Intersect(heldOut.SampleIds.Select(id => id % 6)));
        Assert.NotEmpty(heldOut.SampleIds);
        Assert.NotEqual(data.Hash, DataCatalog.Load(folder.Write("pets/plain.csv", "file,label\n"
            + string.Join('\n', lines.Select(line => string.Join(',', line.Split(',').Take(2)))))).Hash);
    }

    [Fact]
    public void A_rule_that_does_not_fit_is_refused()
    {
        var list = folder.Write("pets/list.csv", "file,label,dog\nimages/cat0.png,cat,1\nimages/cat1.png,cat,2\nimages/dog0.png,dog,1\n"
            + "images/dog1.png,dog,2\n");
        Assert.Contains("no column 'person' to group by. Its columns: file, label, dog", Refused(list, "person"), StringComparison.Ordinal);
        Assert.Contains("doesn't fit the file 'images/dog0.png'", Refused(list, "(cat)"), StringComparison.Ordinal);
        Assert.Contains("has 2 groups", Refused(list, "(a)(b)"), StringComparison.Ordinal);
        Assert.Contains("is no pattern", Refused(list, "(a"), StringComparison.Ordinal);
        Assert.Contains("all images of the class 'cat' belong together", Refused(list, "images/(.)"), StringComparison.Ordinal);
        Assert.Contains("no list of its images", Assert.Throws<InputException>(
            () => DataCatalog.Load("letters", new DataOptions { GroupBy = "person" })).Message, StringComparison.Ordinal);
        Assert.Contains("no names of files in 'generated'", Assert.Throws<InputException>(
            () => DataCatalog.Load("generated", new DataOptions { GroupBy = "(.)" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_source_itself_divides_is_told()
    {
        var list = folder.Write("pets/list.csv", "file,label,split,group\nimages/cat0.png,cat,train,a\nimages/dog0.png,dog,train,b\n"
            + "images/cat1.png,cat,test,a\nimages/dog1.png,dog,test,c\n");
        Assert.Contains("1 group of images that belong together stands both in training and in test, such as 'a'",
            Assert.Single(DataCatalog.Load(list).Notes), StringComparison.Ordinal);
    }

    private void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        File.WriteAllBytes(folder[name], content);
    }

    private static string Refused(string path, string? groupBy = null) =>
        Assert.Throws<InputException>(() => DataCatalog.Load(path, new DataOptions { GroupBy = groupBy })).Message;
}
