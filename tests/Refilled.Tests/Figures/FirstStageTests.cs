using Refilled.Evaluation;
using Refilled.Figures;
using Refilled.Charts;
using Refilled.Figures.FirstStage;
using Refilled.Tables;
using Refilled.Tests.Support;

namespace Refilled.Tests.Figures;

public sealed class FirstStageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Runs_are_measured_at_each_epoch_and_drawn_from_the_results_alone()
    {
        var plan = FigureFiles.FirstStage(folder);
        Assert.Empty(await FigureFiles.Run(folder, plan));
        Directory.Delete(folder["out"], recursive: true);
        var report = (FirstStageReport)FigureFiles.Report(folder, plan);
        Assert.Equal((4, 4), (report.Finished, report.Runs));
        Assert.Equal([("student", 2), ("triplets", 3)], report.Lines.Select(line => (line.Method, line.Points.Count)));
        // Both begin with the same weights.
        Assert.Equal(report.Lines[0].Points[0], report.Lines[1].Points[0]);
        foreach (var point in report.Lines.SelectMany(line => line.Points))
        {
            Assert.Equal((4 * 4, 4), (point.HeldOut.Images, point.HeldOut.Classes));
            Assert.Equal((4 * 18, 4), (point.Unseen.Images, point.Unseen.Classes));
            Assert.InRange(point.HeldOut.Nmi.Mean, 0, 1);
            Assert.InRange(point.Unseen.Chance, 0, 0.5);
        }
        Assert.NotNull(report.Teacher);

        var maps = report.Maps!;
        Assert.Equal((3, 3 * 18, 4), (maps.Classes.Count, maps.Labels.Count, maps.Images.Count));
        Assert.Equal(["after pca", "after t-sne", "before pca", "before t-sne", "teacher pca", "teacher t-sne"],
            maps.Layouts.Select(layout => $"{layout.Of} {layout.Kind}").Order());
        Assert.All(maps.Layouts, layout => Assert.Equal(3 * 18, layout.X.Count));
        var story = report.Triplet!;
        Assert.Equal(story.Classes[0], story.Classes[1]);
        Assert.NotEqual(story.Classes[0], story.Classes[2]);
        // Semi-hard to the student: farther, by at most 0.2, and τ is 4.
        Assert.InRange(story.Before, 0.5, 1 / (1 + Math.Exp(-0.2 / 4)) + 1e-6);
        Assert.InRange(story.After!.Value, 0.37, 0.63);

        Assert.Equal(["first-stage", "first-stage-maps", "first-stage-triplet"], report.Pictures().Select(picture => picture.Name));
        foreach (var picture in report.Pictures())
        {
            Assert.NotEmpty(PngSheet.Bytes(picture.Sheet));
            var records = picture.Records.ToList();
            Assert.All(records, record => Assert.Equal(records[0].Count, record.Count));
        }
        Assert.Equal(1 + 2 * (2 + 3 + 1), report.Records().Count());
    }

    [Fact]
    public async Task What_was_measured_otherwise_is_refused_and_what_is_done_is_not_done_again()
    {
        var plan = FigureFiles.FirstStage(folder, "methods=[triplets]", "seeds=[0]");
        Assert.Empty(await FigureFiles.Run(folder, plan));
        var written = File.GetLastWriteTimeUtc(folder["out", "runs", "wrn-10-1", "triplets-0", "result.json"]);
        File.Delete(folder["results", "wrn-10-1_triplets_0.json"]);
        Assert.Empty(await FigureFiles.Run(folder, plan));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder["out", "runs", "wrn-10-1", "triplets-0", "result.json"]));

        var other = FigureFiles.FirstStage(folder, "methods=[triplets]", "seeds=[0]", "clusterings=3");
        Assert.Contains("was measured otherwise than the recipe says",
            Assert.Throws<InputException>(() => FigureFiles.Report(folder, other)).Message, StringComparison.Ordinal);

        File.Delete(folder["results", "wrn-10-1_triplets_0.json"]);
        File.Delete(folder["out", "runs", "wrn-10-1", "triplets-0.measures.json"]);
        Assert.Contains("which holds what was measured of it, is gone",
            (await Assert.ThrowsAsync<InputException>(() => FigureFiles.Run(folder, plan))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_cut_goes_on_and_measures_the_same()
    {
        var plan = FigureFiles.FirstStage(folder, "methods=[triplets]", "seeds=[0]");
        using var stop = new CancellationTokenSource();
        // Stopped when the first epoch has ended and isn't measured yet.
        var watch = new FigureFiles.Watched(now =>
        {
            if (now is { Stage: "embedding", EpochDone: true }) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FigureFiles.Run(folder, plan, watch, stop.Token));
        var measures = folder["out", "runs", "wrn-10-1", "triplets-0.measures.json"];
        Assert.Equal([0], FigureRun<ClusterMeasures>.Read(measures)!.Epochs.Select(own => own.Epoch));
        Assert.Empty(await FigureFiles.Run(folder, plan));

        using var whole = new TemporaryFolder();
        Assert.Empty(await FigureFiles.Run(whole, FigureFiles.FirstStage(whole, "methods=[triplets]", "seeds=[0]")));
        Assert.Equal(File.ReadAllText(whole["out", "runs", "wrn-10-1", "triplets-0.measures.json"]), File.ReadAllText(measures));
    }

    [Fact]
    public async Task Measurements_that_lack_an_epoch_are_refused()
    {
        var plan = FigureFiles.FirstStage(folder, "methods=[triplets]", "seeds=[0]");
        Assert.Empty(await FigureFiles.Run(folder, plan));
        var path = folder["results", "wrn-10-1_triplets_0.json"];
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("{\"epoch\":1,", "{\"epoch\":7,", StringComparison.Ordinal));
        Assert.Contains("lacks epoch 1",
            Assert.Throws<InputException>(() => FigureFiles.Report(folder, plan)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unseen.classes=3-8", "the student is trained on")]
    [InlineData("unseen.classes=7-9", "the teacher was trained on images of")]
    [InlineData("unseen.classes=8", "at least two are needed")]
    [InlineData("map.classes=5", "map.classes: 5 classes are to be mapped, and there are 4 unseen ones")]
    [InlineData("map.perplexity=60", "map.perplexity: it must be less than 53 for 54 images, not 60")]
    [InlineData("base.hold-out=0", "base.hold-out must be above 0")]
    public async Task What_can_not_be_measured_is_found_before_anything_trains(string edit, string message)
    {
        var plan = FigureFiles.FirstStage(folder, edit);
        Assert.Contains(message,
            (await Assert.ThrowsAsync<InputException>(() => FigureFiles.Run(folder, plan))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Theory]
    [InlineData("methods=[triplets, refilled]", "'refilled' can't be a line of the figure")]
    [InlineData("map.method=student", "map.method: 'student' compares no triplets")]
    public void Methods_that_can_be_no_line_are_told(string edit, string message) =>
        Assert.Contains(message,
            Assert.Throws<InputException>(() => FigureFiles.FirstStage(folder, edit)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("map.method=tuples", "the figure has no method 'tuples'")]
    [InlineData("map.classes=17", "must be from 2 to 16")]
    [InlineData("clusterings=0", "must be from 1 to 1000")]
    [InlineData("seeds=[]", "must not be empty")]
    public void Mistakes_of_the_recipe_are_told_with_their_place(string edit, string message) =>
        Assert.Contains(message,
            Assert.ThrowsAny<InputException>(() => FigureFiles.FirstStage(folder, edit)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_embedding_that_is_no_number_is_told()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var nothing = TorchSharp.torch.empty(0);
        Assert.Throws<NotFiniteNumberException>(() =>
            new Readings(TorchSharp.torch.tensor(new float[,] { { 1, float.NaN }, { 1, 2 } }), nothing, nothing).UnitRows());
    }

    [Fact]
    public void Without_results_there_is_nothing_to_draw()
    {
        var report = FigureFiles.Report(folder, FigureFiles.FirstStage(folder));
        Assert.Empty(report.Pictures());
        Assert.Contains("triplets", TableText.Plain(report), StringComparison.Ordinal);
    }
}
