using Refilled.FewShot;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>MAML in the one loop: it trains the student that the loop has, and its head is kept beside it.</summary>
public class MamlTrainingTests
{
    private static readonly ImageSet All = MadeUpImages.Set(84, 7, size: 16);
    private static readonly MamlLoss Loss = new()
    {
        Episode = new EpisodeShape { Way = 3, Shot = 1, Query = 2 },
        InnerSteps = 2,
        TestSteps = 2,
    };

    private static TrainingTask Task(string network, Precision precision) => new(
        NetworkCatalog.Create(
            network,
            new NetworkOptions(4) { Seed = 1, Precision = precision, Input = InputSpec.Square(16, ChannelStatistics.Cifar100) }),
        null,
        new Method("maml", [new Stage("embedding", [Loss], StageLength.Second, SelectionMeasure.Episodes)]),
        All.OfClasses([0, 1, 2, 3]),
        All.At([]))
    {
        Validation = new ValidationTasks(All.OfClasses([4, 5, 6]), new EpisodeShape { Way = 3, Shot = 1, Query = 3 })
        {
            Count = 4,
            Seed = 3,
        },
        Stage2 = new StageSettings { Epochs = 2, EpisodesPerEpoch = 4, LearningRate = 0.1, FinalLearningRate = 0.1 },
        Accumulate = 2,
    };

    [Fact]
    public void Its_head_comes_with_the_selected_network()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(folder["run"]);
        var task = Task("convnet-4", Precision.Fp32);
        MethodFit.CheckShapes(task);
        var before = ModuleState.Copy(ModuleState.Of(task.Student));
        var outcome = new Trainer(task, run, null).Run(TestContext.Current.CancellationToken);
        // Running statistics, too, are those of the images that were seen.
        Assert.All(outcome.Selected, pair => Assert.False(pair.Value.equal(before[pair.Key]).all().item<bool>(), pair.Key));

        ModuleState.Restore(ModuleState.Of(task.Student), outcome.Selected, "");
        AdapterFile.Save(run.AdapterFile, outcome.Adapter!);
        using var loaded = AdapterFile.Load(run.AdapterFile, task.Student);
        Assert.Equal(Loss, loaded.Spec);
        Assert.Equal(2, Assert.IsType<MamlLearner>(((ILearnerObjective)loaded).Learner(task.Student)).Steps);
        Assert.Equal(outcome.Score, ((ValidationTasks)task.Validation!).Score(((ILearnerObjective)loaded).Learner(task.Student)));
    }

    [Theory]
    [InlineData("wrn-10-1", Precision.Fp32, "use convnet-4")]
    [InlineData("convnet-4", Precision.Bf16, "use --precision fp32")]
    public void Networks_that_cannot_are_refused_before_anything_trains(string network, Precision precision, string message)
    {
        using var scope = NewDisposeScope();
        var task = Task(network, precision);
        Assert.Contains(message, Assert.Throws<InputException>(() => MethodFit.CheckShapes(task)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<InputException>(() => new StageRun(task, 0)).Message, StringComparison.Ordinal);
    }
}
