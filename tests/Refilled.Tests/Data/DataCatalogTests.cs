using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>How data are named.</summary>
public sealed class DataCatalogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DataCatalogTests() => MadeUpFiles.Folder(folder["photos"],
        from name in new[] { "cat", "dog" } from i in Enumerable.Range(0, 2)
        select KeyValuePair.Create($"{name}/{i}.png", MadeUpFiles.Picture(name.Length * i)));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_path_is_a_folder_of_images()
    {
        var data = DataCatalog.Load(folder["photos"]);
        Assert.Equal("folder", data.Name);
        Assert.Equal(data.Hash, DataCatalog.Load("folder:" + folder["photos"]).Hash);
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["photos"], folder["some, of: mine.zip"]);
        Assert.Equal(data.Hash, DataCatalog.Load(folder["some, of: mine.zip"]).Hash);
    }

    [Fact]
    public void A_tilde_is_the_user_s_own_folder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var nowhere = $"refilled-test-{Guid.NewGuid():N}";
        foreach (var spec in new[] { $"~/{nowhere}", $"folder:~/{nowhere}", $"cifar100:~/{nowhere}" })
            Assert.Contains($"'{home}/{nowhere}'", Assert.Throws<InputException>(() => DataCatalog.Load(spec)).Message,
                StringComparison.Ordinal);
        Assert.Equal($"folder:{home}/{nowhere}", DataCatalog.Absolute($"~/{nowhere}"));
    }

    [Theory]
    [InlineData("my/photos")]
    [InlineData("./photos")]
    [InlineData("photos.zip")]
    [InlineData("photos.csv")]
    [InlineData("a,b/photos")]
    public void What_looks_like_a_path_is_one_even_where_it_is_missing(string spec)
    {
        DataCatalog.Check(spec);
        Assert.Contains($"at '{spec}'", Assert.Throws<InputException>(() => DataCatalog.Load(spec)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("letrs", "Did you mean 'letters'?")]
    [InlineData("cifar10:my/photos", "Did you mean 'cifar100'?")]
    [InlineData("photos", "here is no folder or archive of that name")]
    [InlineData("", "There is no kind of data ''")]
    public void A_word_that_is_neither_is_refused(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => DataCatalog.Check(spec)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_depth_is_for_folders() =>
        Assert.Contains("'generated' is none", Assert.Throws<InputException>(
            () => DataCatalog.Load("generated", new DataOptions { Depth = 2 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_recorded_recipe_is_read_from_anywhere_and_says_the_same()
    {
        var here = Path.GetRelativePath(Environment.CurrentDirectory, folder["photos"]);
        var recipe = new Recipe { Data = here, Teacher = here, Start = "nowhere" };
        var recorded = recipe.FromAnywhere();
        Assert.Equal(("folder:" + folder["photos"], folder["photos"], "nowhere"), (recorded.Data, recorded.Teacher, recorded.Start));
        Assert.Equal("generated:3", (recipe with { Data = "generated:3" }).FromAnywhere().Data);
        Assert.Equal(Identity.Hash(recipe), Identity.Hash(recorded));
        Assert.NotEqual(Identity.Hash(recipe), Identity.Hash(recipe with { Depth = 2 }));
        Assert.NotEqual(Identity.Hash(recipe), Identity.Hash(recipe with { GroupBy = "(.)" }));
    }
}
