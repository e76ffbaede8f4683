using Refilled.Cli.TensorBoard;

namespace Refilled.Cli.Tests.TensorBoard;

public sealed class TensorBoardTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public async Task A_run_has_its_epochs_with_their_times_its_samples_and_its_embedding()
    {
        await Run(0, "tensorboard", runs.Lkd, runs.Student, "--out", runs.Folder["boards"]);
        var folder = runs.Folder["boards", "lkd"];
        Assert.True(Directory.Exists(runs.Folder["boards", "student"]));
        var events = EventFile.Read(Assert.Single(Directory.GetFiles(folder, "events.*")));
        var losses = events.Where(one => one.Summary?.Value.Any(value => value.Tag == "train/loss") == true).ToList();
        Assert.Equal([1, 2], losses.Select(one => one.Step));
        Assert.True(losses[1].WallTime > losses[0].WallTime);
        var now = DateTimeOffset.UtcNow;
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds((long)losses[0].WallTime), now.AddMinutes(-15), now);
        Assert.Contains(losses[1].Summary.Value, value => value.Tag == "learning-rate");
        Assert.Contains(events, one => one.Summary?.Value.Any(value => value.Tag == "test/top1") == true);
        Assert.Contains(events, one => one.Summary?.Value.Any(value => value.Image?.Width > 100) == true);

        var rows = await File.ReadAllLinesAsync(Path.Combine(folder, "embeddings.tsv"));
        var metadata = await File.ReadAllLinesAsync(Path.Combine(folder, "metadata.tsv"));
        Assert.Equal(18, rows.Length);
        Assert.Equal(1 + rows.Length, metadata.Length);
        Assert.All(rows, row => Assert.Equal(1, row.Split('\t').Sum(number =>
            Math.Pow(double.Parse(number, System.Globalization.CultureInfo.InvariantCulture), 2)), 1e-4));
        var sprite = SkiaSharp.SKBitmap.DecodeBounds(Path.Combine(folder, "sprite.jpg"));
        Assert.Equal((5 * 32, 4 * 32), (sprite.Width, sprite.Height)); // Five columns hold eighteen images in four rows.
        Assert.Contains("sprite.jpg", await File.ReadAllTextAsync(Path.Combine(folder, "projector_config.pbtxt")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scalars_need_no_images_and_lie_beside_the_run()
    {
        await Run(0, "tensorboard", runs.Student, "--scalars");
        Assert.Single(Directory.GetFiles(Path.Combine(runs.Student, "tensorboard")));
        Assert.Contains("no folder", (await Run(ExitCode.BadInput, "tensorboard", runs.Folder["none"])).Error, StringComparison.Ordinal);
    }
}
