using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Networks;
using Refilled.Tests.FewShot;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Experiments.FewShot;

public sealed class OwnImagesTests : IDisposable
{
    private static readonly string[] Kinds = ["ants", "bees", "wasps"];
    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    private FewShotRecipe Recipe(string learner, string? query = "photos/test") =>
        files.Recipe(learner) with { Data = null, ImageSize = null, Svm = new SvmOptions { C = 1 },
            Support = files.Folder["photos", "train"], Query = query is null ? null : files.Folder[query] };

    private void Photographs(string learner = "feat")
    {
        files.Photographs("photos/train", 4, Kinds);
        files.Photographs("photos/test", 3, Kinds);
        if (learner == "maml") files.Network("backbone", new MamlLoss { Episode = new EpisodeShape { Way = 3 } }, "convnet-4", 16);
        else files.Network("backbone", new SetToSetLoss());
        files.Network("teacher", "resnet-8");
    }

    private static OwnImagesResult Run(FewShotRecipe recipe, string? target = null)
    {
        using var experiment = OwnImagesExperiment.Prepare(recipe, target, [], TestContext.Current.CancellationToken);
        Assert.Empty(experiment.Notes);
        return experiment.Run();
    }

    [Theory]
    [InlineData("ncm")]
    [InlineData("fine-tune")]
    [InlineData("maml")]
    [InlineData("protonet")]
    [InlineData("feat")]
    [InlineData("refilled")]
    public void The_student_answers_as_the_learner_did_and_can_be_evaluated(string learner)
    {
        Photographs(learner);
        var result = Run(Recipe(learner), files.Folder["student.safetensors"]);
        Assert.Equal((learner, 12, 9, files.Folder["student.safetensors"]), (result.Learner, result.Support, result.Query, result.Student));
        Assert.Equal(Kinds, result.Classes.Select(one => one.Name));
        Assert.All(result.Classes, one => Assert.Equal((4, 3), (one.Support, one.Query)));
        Assert.Equal(result.Classes.Sum(one => one.Right) / 9.0 * 100, result.Accuracy!.Value, 1e-3);

        var evaluated = new NetworkEvaluation(files.Folder["student.safetensors"], new Recipe
        {
            Data = "folder:" + files.Folder["photos"], ImageSize = learner == "maml" ? 16 : 8, Method = "student", Device = "cpu",
            Threads = 1, Precision = PrecisionChoice.Fp32, HoldOut = 0,
        }).Run([], TestContext.Current.CancellationToken).Result;
        Assert.Equal((result.Accuracy!.Value, 9), (Math.Round(100 * evaluated.Top1, 3), evaluated.Images));
    }

    [Theory]
    [InlineData("1nn")]
    [InlineData("svm")]
    public void Learners_without_a_network_classify_and_say_who_can_be_saved(string learner)
    {
        Photographs();
        Assert.NotNull(Run(Recipe(learner)).Accuracy);
        var message = Refused(Recipe(learner), files.Folder["student.safetensors"]);
        Assert.Contains($"The learner '{learner}' makes no network that could be saved; these do: ncm, fine-tune, maml, protonet, feat, "
            + "refilled", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_student_alone_needs_no_queries()
    {
        Photographs();
        var options = new FineTuneOptions { Parts = TrainedParts.Classifier, Training = new AdaptationStage { Steps = 1 } };
        var result = Run(Recipe("fine-tune", null) with { FineTune = options },
            files.Folder["s.safetensors"]);
        Assert.Equal((0, null), (result.Query, result.Accuracy));
        Assert.Equal(Kinds, NetworkFile.Load(files.Folder["s.safetensors"], Precision.Fp32).ClassNames);
        Assert.Contains("nothing to do", Refused(Recipe("ncm", null)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fine-tune")]
    [InlineData("refilled")]
    public void A_student_that_has_diverged_is_not_written(string learner)
    {
        Photographs();
        var fast = new AdaptationStage { Steps = 3, LearningRate = 1e38 };
        var recipe = Recipe(learner) with
            { FineTune = new FineTuneOptions { Training = fast }, Refilled = new RefilledOptions { Stage2 = fast } };
        var message = Assert.Throws<NotFiniteNumberException>(() => Run(recipe, files.Folder["student.safetensors"])).Message;
        Assert.Contains($"The student that '{learner}' trained holds numbers that are NaN or infinite", message, StringComparison.Ordinal);
        Assert.Contains($"isn't written to '{files.Folder["student.safetensors"]}'", message, StringComparison.Ordinal);
        Assert.False(File.Exists(files.Folder["student.safetensors"]));
        Assert.Throws<NotFiniteNumberException>(() => Run(recipe)); // nor does it answer
    }

    [Fact]
    public void Folders_that_cannot_be_used_are_refused()
    {
        Photographs();
        var recipe = Recipe("ncm");
        files.Photographs("one", 2, "ants");
        Assert.Contains("holds 1 class ('ants')", Refused(recipe with { Support = files.Folder["one"] }), StringComparison.Ordinal);
        MadeUpFiles.Folder(files.Folder["empty"], new Dictionary<string, byte[]> { ["ants/"] = [], ["bees/"] = [] });
        Assert.Contains("has no folders of images", Refused(recipe with { Support = MadeUpFiles.Folder(files.Folder["nothing"], []) }),
            StringComparison.Ordinal);
        Assert.Contains("hold no images", Refused(recipe with { Query = files.Folder["empty"] }), StringComparison.Ordinal);
        Assert.Contains(files.Folder["missing"], Refused(recipe with { Support = files.Folder["missing"] }), StringComparison.Ordinal);
        Assert.Contains("is divided into training and test images; name one part, such as",
            Refused(recipe with { Support = files.Folder["photos"] }), StringComparison.Ordinal);

        files.Photographs("others", 1, "cats", "dogs");
        Assert.Contains("they share none", Refused(recipe with { Query = files.Folder["others"] }), StringComparison.Ordinal);
        files.Photographs("fewer", 1, "ants", "wasps");
        Assert.Contains($"'{files.Folder["fewer"]}' lacks 'bees', which '{recipe.Support}' has",
            Refused(recipe with { Query = files.Folder["fewer"] }), StringComparison.Ordinal);
        files.Photographs("misspelt", 1, "ants", "bees", "wapsp");
        Assert.Contains("has 'wapsp', which", Refused(recipe with { Query = files.Folder["misspelt"] }), StringComparison.Ordinal);
        Assert.Contains("there is no folder", Refused(recipe, files.Folder["no", "student.safetensors"]), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refused(recipe, files.Folder["photos"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_image_of_each_class_is_enough()
    {
        files.Photographs("photos/train", 1, Kinds);
        files.Photographs("photos/test", 2, Kinds);
        files.Network();
        Assert.Equal((3, 6), Run(Recipe("ncm")) is var result ? (result.Support, result.Query) : default);
    }

    [Fact]
    public void A_student_of_means_has_the_same_answers_as_its_learner()
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        using var transformer = new SetTransformer(network.EmbeddingSize, seed: 3);
        foreach (var learner in new IStudentMaker[] { new PrototypeLearner(network), new FeatLearner(network, transformer) })
            for (var number = 0; number < 5; number++)
            {
                using var student = learner.MakeStudent(tasks[number]);
                Assert.Equal(learner.Solve(tasks[number]), Answers(student, tasks[number]));
            }
        // The network itself is as it was.
        Assert.Equal(4, network.Classes);
    }

    [Theory]
    [InlineData(TrainedParts.All)]
    [InlineData(TrainedParts.Classifier)]
    public void A_trained_student_has_the_same_answers_as_its_learner_and_stays(TrainedParts parts)
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        using var learner = new FineTuneLearner(network,
            new FineTuneOptions { Views = 1, Parts = parts, Training = new AdaptationStage { Steps = 3, LearningRate = 0.1 } });
        var students = Enumerable.Range(0, 3).Select(number => learner.MakeStudent(tasks[number])).ToList();
        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(learner.Solve(tasks[number]), Answers(students[number], tasks[number]));
            students[number].Dispose();
        }
    }

    [Fact]
    public void A_student_of_maml_has_the_statistics_of_its_support()
    {
        files.Photographs("photos/train", 4, Kinds);
        var loss = new MamlLoss { Episode = new EpisodeShape { Way = 3 }, TestSteps = 3, InnerLearningRate = 0.1 };
        var path = files.Network("backbone", loss, "convnet-4", 16);
        using var network = NetworkFile.Load(Path.Combine(path, "network.safetensors"), Precision.Fp32).Network;
        using var adapter = AdapterFile.Load(Path.Combine(path, "adapter.safetensors"), network);
        using var images = OwnImages.Load(Recipe("maml", null), network.Input, TestContext.Current.CancellationToken);
        // Asked for its own support, all at once, MAML sees these statistics as well.
        var task = images.Task with { Query = images.Task.Support };
        var learner = (IStudentMaker)((ILearnerObjective)adapter).Learner(network);
        using var student = learner.MakeStudent(task);
        Assert.Equal(learner.Solve(task), Answers(student, task));
        Assert.False(student.training);
        Assert.All(student.modules().OfType<TorchSharp.Modules.BatchNorm2d>(), norm => Assert.Equal(0.1, norm.momentum));
    }

    [Fact]
    public void Where_class_means_decide_the_student_has_their_directions()
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        using var learner = new FineTuneLearner(network, new FineTuneOptions { Views = 0, Prediction = AdaptedPrediction.NearestClassMean,
            Training = new AdaptationStage { Steps = 1 } });
        using var student = learner.MakeStudent(tasks[0]);
        var state = student.state_dict();
        Assert.All(state["fc.bias"].data<float>().ToArray(), bias => Assert.Equal(0, bias));
        Assert.All(state["fc.weight"].Squared().sum(dim: 1).sqrt().data<float>().ToArray(), length => Assert.Equal(1, length, 1e-5));
    }

    private static int[] Answers(EmbeddingNetwork student, FewShotTask task)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Assert.Equal(task.Way, student.Classes);
        return [.. student.Observe(task.Query.Images(), Needs.Logits).Logits.argmax(1).data<long>().Select(c => (int)c)];
    }

    private static string Refused(FewShotRecipe recipe, string? target = null) =>
        Assert.Throws<InputException>(() => OwnImagesExperiment.Prepare(recipe, target, [], TestContext.Current.CancellationToken)).Message;
}
