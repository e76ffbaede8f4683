using System.Text.Json;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Experiments.FewShot;

public sealed class FewShotExperimentTests : IDisposable
{
    private static readonly MamlLoss Maml = new() { TestSteps = 2, Episode = new EpisodeShape { Way = 3 } };
    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("1nn")]
    [InlineData("ncm")]
    [InlineData("svm")]
    [InlineData("fine-tune")]
    [InlineData("maml")]
    [InlineData("protonet")]
    [InlineData("feat")]
    [InlineData("refilled")]
    public void Every_learner_is_measured(string learner)
    {
        if (learner == "feat") files.Network("backbone", new SetToSetLoss());
        else if (learner == "maml") files.Network("backbone", Maml, "convnet-4", 16);
        else files.Network();
        files.Network("teacher", "resnet-8", ["other0", "other1"]);
        var recipe = learner == "maml"
            ? files.Recipe(learner) with { ImageSize = 16, Precision = PrecisionChoice.Auto } : files.Recipe(learner);
        using var experiment = FewShotExperiment.Prepare(recipe, TestContext.Current.CancellationToken);
        var reports = new List<FewShotProgress>();
        var result = experiment.Run(new Now(reports.Add), TestContext.Current.CancellationToken);

        Assert.Equal((learner, learner, "middle-shot", "generated", "0-6"),
            (result.Learner, result.Row, result.Setting, result.Data, result.Classes));
        Assert.Equal((3, 2, 4, 3, 0L), (result.Way, result.Shot, result.Query, result.Tasks, result.Seed));
        Assert.Equal(3, result.Right.Count);
        Assert.All(result.Right, right => Assert.InRange(right, 0, 12));
        Assert.Equal(result.Right.Average() / 12 * 100, result.Mean, 1e-3);
        Assert.Equal((learner == "maml" ? "convnet-4" : "wrn-10-1", "fp32"), (result.Backbone, result.Precision));
        Assert.Equal(64, result.BackboneHash.Length);
        Assert.Equal(learner == "refilled" ? "resnet-8" : null, result.Teacher);
        Assert.Equal(learner == "refilled", result.TeacherHash is not null);
        Assert.Equal(learner is "feat" or "maml", result.AdapterHash is not null);
        Assert.Equal(learner == "svm" ? ["c"] : [], result.Chosen.Keys);
        Assert.Equal(learner is "fine-tune" or "refilled" or "maml" ? [2] : [], result.AtSteps.Select(at => at.Steps));
        Assert.All(result.AtSteps, at => Assert.Equal((result.Mean, result.HalfWidth), (at.Mean, at.HalfWidth)));
        Assert.Equal(recipe.SettingsHash(), result.SettingsHash);
        Assert.Equal(ResultsVersion.Current, result.ResultsVersion);
        Assert.Equal((3, 3), (reports[^1].Done, reports[^1].Tasks));

        var written = JsonSerializer.Serialize(result, RunFolder.Json);
        Assert.Equal(written,
            JsonSerializer.Serialize(JsonSerializer.Deserialize<FewShotRunResult>(written, RunFolder.Json), RunFolder.Json));
    }

    [Fact]
    public void More_tasks_begin_with_the_fewer_and_threads_change_nothing()
    {
        files.Network();
        var recipe = files.Recipe("ncm");
        FewShotRunResult Run(FewShotRecipe asked)
        {
            using var experiment = FewShotExperiment.Prepare(asked, TestContext.Current.CancellationToken);
            return experiment.Run(cancel: TestContext.Current.CancellationToken);
        }
        var (few, more) = (Run(recipe), Run(recipe with { Tasks = 6, Threads = 2 }));
        Assert.Equal(few.Right, more.Right.Take(3));
        Assert.Equal(few.FirstTasksHash, more.FirstTasksHash);
        Assert.NotEqual(few.TasksHash, more.TasksHash);
        Assert.NotEqual(few.FirstTasksHash, Run(recipe with { Seed = 1 }).FirstTasksHash);
    }

    [Fact]
    public void A_teacher_may_be_of_a_format_of_the_callers()
    {
        files.Network();
        FewShotRunResult Run(string teacher, params ITeacherFormat[] formats)
        {
            using var experiment = FewShotExperiment.Prepare(
                files.Recipe("refilled") with { Teacher = teacher }, formats, TestContext.Current.CancellationToken);
            return experiment.Run(cancel: TestContext.Current.CancellationToken);
        }
        var own = Run(files.Network("teacher", "resnet-8", ["other0", "other1"]));
        var foreign = Run(files.Foreign("teacher", "resnet-8", ["other0", "other1"]), new ForeignFormat());
        Assert.Equal(own.Right, foreign.Right);
        Assert.Equal(own.TeacherHash, foreign.TeacherHash);
        Assert.Equal((own.Backbone, ForeignFormat.Name), (foreign.Backbone, foreign.Teacher));

        string Refused(FewShotRecipe recipe, ITeacherFormat format) => Assert.Throws<InputException>(() =>
            FewShotExperiment.Prepare(recipe, [format], TestContext.Current.CancellationToken)).Message;
        var recipe = files.Recipe("refilled") with { Teacher = files.Folder["teacher.foreign"] };
        Assert.Contains("reads the teacher's embedding", Refused(recipe, new ForeignFormat(Needs.Logits)), StringComparison.Ordinal);
        Assert.Contains("gives answers alone", Refused(recipe with { Backbone = recipe.Teacher! }, new ForeignFormat()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Learners_that_train_are_asked_on_their_way()
    {
        files.Network();
        var options = new FineTuneOptions
        {
            Views = 0,
            Parts = TrainedParts.Classifier,
            Training = new AdaptationStage { Steps = 60 },
        };
        using var experiment = FewShotExperiment.Prepare(
            files.Recipe("fine-tune") with { FineTune = options }, TestContext.Current.CancellationToken);
        Assert.Equal([20, 50, 60], experiment.Run(cancel: TestContext.Current.CancellationToken).AtSteps.Select(at => at.Steps));
    }

    [Fact]
    public void Without_joining_tasks_are_drawn_from_test_images()
    {
        var data = DataCatalog.Load(FewShotFiles.Data, new DataOptions { ImageSize = 8 }, TestContext.Current.CancellationToken);
        var recipe = files.Recipe("1nn");
        var (joined, joinedValidation) = TaskImages.Select(recipe, data);
        Assert.Equal((70, 50), (joined.Count, joinedValidation!.Count));
        var (novel, validation) = TaskImages.Select(recipe with { JoinTest = false }, data);
        Assert.Equal((28, 30), (novel.Count, validation!.Count));
        Assert.Null(TaskImages.Select(recipe with { Validation = null }, data).Validation);
    }

    [Fact]
    public void Classes_that_something_has_seen_are_refused_by_name()
    {
        var names = DataCatalog.Load(FewShotFiles.Data, new DataOptions { ImageSize = 8 },
            TestContext.Current.CancellationToken).Train.ClassNames;
        files.Network(classes: [names[1], names[2], "x"]);
        files.Network("teacher", classes: [names[8], names[6]]);
        var message = Refused(files.Recipe("refilled") with { Validation = "6-11" });
        Assert.All(
        [
            $"the tasks' classes and the validation's classes share 1 ({names[6]})",
            $"the tasks' classes and those that the backbone was trained on share 2 ({names[1]}, {names[2]})",
            $"the tasks' classes and those that the teacher was trained on share 1 ({names[6]})",
            $"the validation's classes and those that the teacher was trained on share 2 ({names[6]}, {names[8]})", "--classes",
        ], part => Assert.Contains(part, message, StringComparison.Ordinal));
        // A teacher that isn't read doesn't matter.
        Assert.DoesNotContain("teacher", Refused(files.Recipe("ncm")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_found_before_any_task()
    {
        var recipe = files.Recipe("ncm");
        Assert.Contains("There is no backbone", Refused(recipe), StringComparison.Ordinal);
        files.Network();
        Assert.Contains("There is no teacher", Refused(recipe with { Learner = "refilled" }), StringComparison.Ordinal);
        var lacks = Refused(recipe with { Learner = "feat" });
        Assert.Contains("beside the backbone", lacks, StringComparison.Ordinal);
        Assert.Contains("there is no adapter.safetensors", lacks, StringComparison.Ordinal);
        Assert.Contains("trained by the method feat", lacks, StringComparison.Ordinal);
        Assert.Contains("images of 8×8 pixels, but the data's views have 16×16: use --image-size 8",
            Refused(recipe with { ImageSize = 16 }), StringComparison.Ordinal);
        Assert.Contains("A task of 8 classes can't be drawn from 7", Refused(recipe with { Episode = recipe.Episode with { Way = 8 } }),
            StringComparison.Ordinal);
        Assert.Contains("2 shots and 9 queries need 11", Refused(recipe with { Episode = recipe.Episode with { Query = 9 } }),
            StringComparison.Ordinal);
        Assert.Contains("Of the validation: A task of 6 classes can't be drawn from 5",
            Refused(recipe with { Episode = recipe.Episode with { Way = 6 } }), StringComparison.Ordinal);
        Assert.Contains("'0-40' names the class 12", Refused(recipe with { Classes = "0-40" }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_loss_is_refused()
    {
        files.Network("backbone", new SetToSetLoss());
        var path = files.Folder["backbone", "adapter.safetensors"];
        using (var file = Refilled.Weights.Safetensors.Read(path))
            Refilled.Weights.Safetensors.WriteSealed(path, new Dictionary<string, TorchSharp.torch.Tensor>(),
                new Dictionary<string, string>(file.Metadata)
                    { ["loss"] = "prototypes", ["options"] = Refilled.Recipes.RecipeWriter.Write(new PrototypeLoss()) });
        Assert.Contains("is of the loss 'prototypes'", Refused(files.Recipe("feat")), StringComparison.Ordinal);
    }

    [Fact]
    public void Maml_solves_tasks_as_wide_as_it_was_trained_on_in_fp32_and_with_other_steps()
    {
        files.Network("backbone", Maml, "convnet-4", 16);
        var recipe = files.Recipe("maml") with { ImageSize = 16 };
        Assert.Contains("it was trained on tasks of 3 classes, and can't solve those of 4",
            Refused(recipe with { Episode = recipe.Episode with { Way = 4 } }), StringComparison.Ordinal);
        Assert.Contains("the learner 'maml' computes in fp32 alone",
            (recipe with { Precision = PrecisionChoice.Bf16 }).Validate().Select(problem => problem.Message));
        using var experiment = FewShotExperiment.Prepare(recipe with { Maml = new MamlOptions { Steps = 21, LearningRate = 0.001 } },
            TestContext.Current.CancellationToken);
        Assert.Equal([20, 21], experiment.Run(cancel: TestContext.Current.CancellationToken).AtSteps.Select(at => at.Steps));
        var problems = new MamlOptions { Steps = -1, LearningRate = 0 }.Validate().Select(problem => problem.Path);
        Assert.Equal(["steps", "learning-rate"], problems);
    }

    private static string Refused(FewShotRecipe recipe) =>
        Assert.Throws<InputException>(() => FewShotExperiment.Prepare(recipe, TestContext.Current.CancellationToken)).Message;

    private sealed class Now(Action<FewShotProgress> report) : IProgress<FewShotProgress>
    {
        public void Report(FewShotProgress value) => report(value);
    }
}
