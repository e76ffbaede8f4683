using Refilled.Data;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Tests.Training;

/// <summary>Run folders that were cut at any moment, or whose files have changed.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private static readonly ImageSet Images = MadeUpImages.Set(40, 4, 8);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".lock")]
    [InlineData(".lock", "environment.json")]
    [InlineData(".lock", "environment.json.4711.tmp")]
    [InlineData(".lock", "environment.json", "recipe.yaml.4711.tmp")]
    public void A_folder_that_holds_nothing_but_a_beginning_is_a_fresh_one(params string[] left)
    {
        foreach (var name in left) folder.Write($"run/{name}", "{");
        using (var run = RunFolder.Create(folder["run"])) run.Begin("method: student", new { });
        Assert.Equal([".lock", "environment.json", "recipe.yaml"],
            Directory.GetFiles(folder["run"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("recipe.yaml.tmp")]
    [InlineData("recipe.yaml.4711.tmp.txt")]
    [InlineData("network.safetensors")]
    public void Anything_else_is_not_touched(string name)
    {
        folder.Write($"run/{name}", "somebody's");
        Assert.Throws<InputException>(() => RunFolder.Create(folder["run"]));
        Assert.True(File.Exists(folder["run", name]));
    }

    [Fact]
    public void What_was_being_written_goes_when_a_run_goes_on()
    {
        using (var run = RunFolder.Create(folder["run"])) run.Begin("method: student", new { });
        folder.Write("run/checkpoint.safetensors.4711.tmp", "half");
        folder.Write("run/mine.tmp", "mine");
        using (RunFolder.Open(folder["run"]))
        {
            Assert.False(File.Exists(folder["run", "checkpoint.safetensors.4711.tmp"]));
            Assert.True(File.Exists(folder["run", "mine.tmp"]));
        }
    }

    [Fact]
    public void A_damaged_checkpoint_is_named_and_the_one_before_gives_the_same_network()
    {
        var expected = Weights(Trained(null, int.MaxValue));
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        Assert.True(File.Exists(run.EarlierCheckpointFile));
        Flip(run.CheckpointFile, new FileInfo(run.CheckpointFile).Length - 5);
        var warnings = new List<string>();
        run.Warn = warnings.Add;
        Assert.Equal(expected, Weights(Trained(run, int.MaxValue)));
        Assert.Contains(run.CheckpointFile, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.False(File.Exists(run.EarlierCheckpointFile));
    }

    [Fact]
    public void A_checkpoint_that_was_lost_between_its_two_names_is_found()
    {
        var expected = Weights(Trained(null, int.MaxValue));
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        File.Delete(run.CheckpointFile); // Renamed, and the new one not yet.
        Assert.Equal(expected, Weights(Trained(run, int.MaxValue)));
    }

    [Fact]
    public void With_both_damaged_it_ends_there()
    {
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        foreach (var file in new[] { run.CheckpointFile, run.EarlierCheckpointFile }) Flip(file, 1000);
        Assert.Contains("no other checkpoint", Assert.Throws<InputException>(() => Trained(run, int.MaxValue)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_position_of_another_recipe_is_refused()
    {
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        Assert.Contains("two runs", Assert.Throws<InputException>(() => new Trainer(Task(epochs: 1), run)
            .Run(TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_metrics_are_told()
    {
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        File.WriteAllText(run.MetricsFile, "");
        var warnings = new List<string>();
        run.Warn = warnings.Add;
        Trained(run, int.MaxValue);
        Assert.Contains("epochs are missing", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void No_flipped_bit_of_a_checkpoint_or_a_network_is_silent()
    {
        using var run = RunFolder.Create(folder["run"]);
        Trained(run, stopAfter: 12);
        NetworkFile.Save(folder["network"], new TrainedNetwork(Task(1).Student, Images.ClassNames));
        var random = new Random(5);
        foreach (var (file, read) in new (string, Action<string>)[]
            {
                (run.CheckpointFile, path => Checkpoint.Read(path).Dispose()),
                (folder["network"], path => NetworkFile.Load(path, Precision.Fp32).Network.Dispose()),
            })
        {
            var whole = File.ReadAllBytes(file);
            var header = 8 + (int)BitConverter.ToInt64(whole);
            // All of the table of contents' kinds of bytes, and as many of the numbers'.
            for (var i = 0; i < 120; i++)
            {
                var at = i % 2 == 0 ? random.Next(header) : random.Next(header, whole.Length);
                var damaged = (byte[])whole.Clone();
                damaged[at] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(folder["damaged"], damaged);
                Assert.True(Record.Exception(() => read(folder["damaged"])) is InputException, $"byte {at} of {Path.GetFileName(file)}");
            }
        }
    }

    private static void Flip(string path, long at)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.Position = at;
        var one = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(one ^ 16));
    }

    private static TrainingTask Task(int epochs) => new(
        NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1, Input = InputSpec.Square(8, ChannelStatistics.Cifar100) }),
        null, new Method("student", [new Stage("classifier", [new CrossEntropy()], StageLength.Second, SelectionMeasure.Accuracy)]),
        Images, Images.At([]))
    {
        BatchSize = 8, Stage2 = new StageSettings { Epochs = epochs }, CheckpointSteps = 2,
    };

    /// <summary>Trains four epochs of five steps, or until some are done, as a signal would stop it.</summary>
    private static EmbeddingNetwork Trained(RunFolder? run, int stopAfter)
    {
        var task = Task(epochs: 4);
        using var stop = new CancellationTokenSource();
        var progress = new Steps(now =>
        {
            if (now.Epoch * now.StepsPerEpoch + now.Step >= stopAfter) stop.Cancel();
        });
        try
        {
            new Trainer(task, run, progress).Run(stop.Token).Dispose();
        }
        catch (OperationCanceledException)
        {
            Assert.NotEqual(int.MaxValue, stopAfter);
        }
        return task.Student;
    }

    private static float[] Weights(EmbeddingNetwork network) =>
        [.. ModuleState.Of(network).Where(pair => pair.Value.dtype == TorchSharp.torch.ScalarType.Float32)
            .SelectMany(pair => pair.Value.detach().data<float>().ToArray())];

    private sealed class Steps(Action<TrainProgress> seen) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => seen(value);
    }
}
