using Refilled.Data.Episodes;
using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;

namespace Refilled.Tests.FewShot;

/// <summary>Few-shot tasks can be stopped within a task, however long it is.</summary>
public class StoppedTasksTests
{
    private static readonly AdaptationStage Long = new() { Steps = 100_000 };

    private static void Stops(IFewShotLearner learner)
    {
        using var source = new FewShotSource(MadeUpImages.Set(60, 5, 16));
        var tasks = new FewShotTasks(source, new EpisodeShape { Way = 3, Shot = 2, Query = 3 }, 7, 2);
        Stopping.Soon(cancel => FewShotEvaluator.Evaluate(learner, tasks, cancel: cancel));
        if (learner is IStudentMaker maker) Stopping.Soon(cancel => maker.MakeStudent(tasks[0] with { Cancel = cancel }).Dispose());
    }

    [Theory]
    [InlineData(TrainedParts.All)]
    [InlineData(TrainedParts.Classifier)]
    public void Fine_tuning_is_stopped(TrainedParts parts)
    {
        using var network = SmallTasks.Network(size: 16);
        using var learner = new FineTuneLearner(network, new FineTuneOptions { Parts = parts, Training = Long });
        Stops(learner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_stage_of_refilled_is_stopped(bool first)
    {
        using var network = SmallTasks.Network(size: 16);
        using var teacher = new NetworkTeacher(SmallTasks.Network("wrn-10-2", size: 16), []);
        using var learner = new RefilledLearner(network, teacher,
            new RefilledOptions { Stage1 = first ? Long : new() { Steps = 0 }, Stage2 = first ? new() { Steps = 0 } : Long });
        Stops(learner);
    }

    [Fact]
    public void Maml_is_stopped()
    {
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var objective = new MamlLoss { Episode = new EpisodeShape { Way = 3 } }.Bind(new SignalShapes(4, network.EmbeddingSize, 0));
        Stops(((MamlLearner)((ILearnerObjective)objective).Learner(network)).With(new MamlOptions { Steps = 100_000 }));
    }

    [Fact]
    public void The_pass_before_the_tasks_is_stopped()
    {
        using var network = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4));
        network.eval();
        using var source = new FewShotSource(Stopping.Many());
        var tasks = new FewShotTasks(source, new EpisodeShape { Way = 3, Shot = 1, Query = 1 }, 7, 2);
        foreach (var learner in new IFewShotLearner[] { new PrototypeLearner(network), new SvmLearner(network) })
            Stopping.Soon(cancel => FewShotEvaluator.Evaluate(learner, tasks, cancel: cancel));
        Stopping.Soon(cancel => SvmLearner.ChooseC(network, tasks, cancel: cancel));
        Stopping.Soon(cancel => new ValidationTasks(source.Set, tasks.Shape).Score(network, [], cancel));
    }
}
