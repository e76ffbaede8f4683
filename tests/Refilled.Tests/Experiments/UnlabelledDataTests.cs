using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Tests.Experiments;

/// <summary>Which images without labels a recipe takes, and which never.</summary>
public sealed class UnlabelledDataTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private static readonly Dataset Generated = DataCatalog.Load("generated:0,classes=8,train=16,test=4");
    private readonly FewShotFiles trained = new();

    public void Dispose() => trained.Dispose();

    private static UnlabelledData Load(Recipe recipe, Dataset data) =>
        UnlabelledData.Load(recipe, RunImages.Select(recipe, data), null, Cancel);

    private static string Refused(Recipe recipe, Dataset data) => Assert.Throws<InputException>(() => Load(recipe, data)).Message;

    [Fact]
    public void The_rest_is_what_images_per_class_leaves_of_the_recipes_classes()
    {
        var recipe = new Recipe { Data = "generated", Classes = "5,0-2", ImagesPerClass = 10, Unlabelled = "rest" };
        var images = RunImages.Select(recipe, Generated);
        var rest = Load(recipe, Generated).Images;
        Assert.Equal(4 * 6, rest.Count);
        Assert.Equal((false, 1), (rest.IsLabelled, rest.Classes));
        Assert.Equal(Generated.Train.OfClasses([5, 0, 1, 2]).SampleIds.Order(),
            rest.SampleIds.Concat(images.Train.SampleIds).Concat(images.HeldOut.SampleIds).Order());
        using var batch = BatchStream.Evaluation(rest).Epoch(0).First();
        Assert.False(batch.IsLabelled);
        Assert.Contains("nothing is left", Refused(recipe with { ImagesPerClass = 16 }, Generated), StringComparison.Ordinal);
        Assert.Contains((recipe with { ImagesPerClass = null }).Validate(), problem => problem.Path == "unlabelled");
    }

    [Fact]
    public void Of_a_folder_the_test_and_held_out_images_are_left_out_and_counted()
    {
        using var folder = new TemporaryFolder();
        var number = 0;
        Dictionary<string, byte[]> Pictures(string place, int count) =>
            Enumerable.Range(0, count).ToDictionary(i => $"{place}/{i}.png", _ => MadeUpFiles.Picture(number++));
        var files = new[] { "train/a", "train/b", "test/a", "test/b" }.SelectMany(place => Pictures(place, 6)).ToDictionary();
        MadeUpFiles.Folder(folder["data"], files);
        MadeUpFiles.Folder(folder["more"], [.. Pictures("deep", 5), new("tested.png", files["test/b/1.png"])]);
        var recipe = new Recipe { Data = folder["data"], ImageSize = 16, HoldOut = 0, Unlabelled = folder["more"] };
        var data = DataCatalog.Load(recipe.Data, recipe.DataOptions, Cancel);
        var read = Load(recipe, data);
        Assert.Equal(5, read.Images.Count);
        Assert.NotNull(read.Hash);
        Assert.Contains(read.Notes, note => note.StartsWith("1 of the 6 unlabelled images are test", StringComparison.Ordinal));
        Assert.Contains("must not see", Refused(recipe with { Unlabelled = folder["data/test"] }, data), StringComparison.Ordinal);
        Directory.CreateDirectory(folder["empty"]);
        Assert.Contains("holds no images", Refused(recipe with { Unlabelled = folder["empty"] }, data), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_experiment_trains_on_them_and_says_how_many()
    {
        var recipe = new Recipe
        {
            Data = "generated:0,classes=4,train=12,test=2", Method = "regress+lkd", Student = "wrn-10-1",
            ImagesPerClass = 4, HoldOut = 0.25,
            Teacher = trained.Network("teacher", size: 32), Unlabelled = "rest", Views = 2, Batch = 8,
            Stage1 = new() { Epochs = 1, Views = 1 }, Stage2 = new() { Epochs = 1 }, Device = "cpu", Precision = PrecisionChoice.Fp32,
        };
        using var folder = Refilled.Training.RunFolder.Create(trained.Folder["run"]);
        using var experiment = Experiment.Prepare(recipe, Cancel);
        var result = experiment.Run(folder, cancel: Cancel);
        Assert.Equal((32, null), (result.UnlabelledImages, result.UnlabelledHash));
        Assert.Equal(12, result.TrainImages);
        using var labelled = Experiment.Prepare(recipe with { Method = "lkd" }, Cancel);
        Assert.Null(labelled.Task.Unlabelled);
        Assert.Contains(labelled.Notes, note => note.Contains("of no use", StringComparison.Ordinal));
    }
}
