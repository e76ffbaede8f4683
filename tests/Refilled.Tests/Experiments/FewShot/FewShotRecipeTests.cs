using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.Recipes;
using Refilled.Tests.Support;

namespace Refilled.Tests.Experiments.FewShot;

public sealed class FewShotRecipeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private FewShotRecipe Read(string text) => RecipeReader.Read<FewShotRecipe>(folder.Write("recipe.yaml", text), []);

    [Fact]
    public void A_recipe_is_read_with_its_options_and_files_beside_it()
    {
        folder.Write("novel.txt", "a\nb\n");
        var recipe = Read("""
            data: generated
            classes: novel.txt
            learner: fine-tune
            backbone: runs/backbone
            episode: { way: 3, shot: 30 }
            fine-tune: { parts: classifier, training: { steps: 20 } }
            """);
        Assert.Equal(folder["novel.txt"], recipe.Classes);
        Assert.Equal((3, 30, 15), (recipe.Episode.Way, recipe.Episode.Shot, recipe.Episode.Query));
        Assert.Equal((20, 0.01, TrainedParts.Classifier),
            (recipe.FineTune.Training.Steps, recipe.FineTune.Training.LearningRate, recipe.FineTune.Parts));
        Assert.Equal(2000, recipe.Tasks);
        Assert.Equal(recipe with { }, RecipeReader.Read<FewShotRecipe>(folder.Write("again.yaml", RecipeWriter.Write(recipe)), []));
    }

    [Theory]
    [InlineData("validation: 0-4\nvalidation-tasks: 30", "validation: { classes: 0-4, tasks: 30 }")]
    [InlineData("validation: 0-4", "validation: { classes: 0-4 }")]
    public void A_validation_is_written_as_in_training_and_as_it_was(string older, string form)
    {
        FewShotRecipe Of(string validation) => Read($"data: generated\nlearner: svm\nbackbone: b\n{validation}\n");
        Assert.Equal((RecipeWriter.Write(Of(older)), Of(older).SettingsHash()),
            (RecipeWriter.Write(Of(form)), Of(form).SettingsHash()));
    }

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        var message = Assert.Throws<RecipeException>(() => Read("""
            data: generatd
            classes: nobody
            validation: 9-1
            learner: protnet
            episode: { way: 1, shots: 3 }
            tasks: 1
            validation-tasks: 1
            threads: -1
            image-size: 4
            device: gpu
            svm: { c: 0 }
            refilled: { stage1: { steps: -1 }, local-classifier: { teacher-temperature: 0 } }
            """)).Message;
        Assert.All(
        [
            "recipe.yaml:1: the key 'backbone' is missing", "recipe.yaml:1: data: There is no kind of data 'generatd'",
            "recipe.yaml:2: classes: 'nobody' names no classes", "recipe.yaml:3: validation: '9-1': the range 9-1 runs backwards",
            "recipe.yaml:4: learner: There is no few-shot learner 'protnet'. Did you mean 'protonet'?",
            "recipe.yaml:5: episode.way: must be from 2", "recipe.yaml:5: episode.shots: unknown key. Did you mean 'shot'?",
            "recipe.yaml:6: tasks: must be from 2", "recipe.yaml:7: validation-tasks: must be from 2", "recipe.yaml:8: threads",
            "recipe.yaml:9: image-size", "recipe.yaml:10: device", "recipe.yaml:11: svm.c: must be positive, not 0",
            "recipe.yaml:12: refilled.stage1.steps", "recipe.yaml:12: refilled.local-classifier.teacher-temperature",
        ], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("learner: 1nn", "data: is missing: name the data that tasks are drawn from, or a folder")]
    [InlineData("data: generated\nsupport: photos\nlearner: 1nn", "support: stands beside data")]
    [InlineData("data: generated\nquery: photos\nlearner: 1nn", "query: is a folder of images to classify, which needs a support")]
    [InlineData("data: generated\nlearner: refilled", "teacher: the learner 'refilled' reads a teacher")]
    [InlineData("data: generated\nlearner: svm", "svm.c: there is nothing to choose it on")]
    [InlineData("support: photos\nvalidation: all\nlearner: svm", "svm.c: there is nothing to choose it on")]
    public void What_does_not_go_together_is_said(string text, string message) =>
        Assert.Contains(message, Assert.Throws<RecipeException>(() => Read($"backbone: runs/b\n{text}\n")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void What_decides_the_numbers_decides_the_hash_and_nothing_else()
    {
        var names = folder.Write("here.txt", "a\nb\n");
        var recipe = new FewShotRecipe { Data = "generated", Backbone = "b", Learner = "fine-tune", Classes = names };
        var hash = recipe.SettingsHash();
        Assert.All(
        [
            recipe with { Data = "folder:x", Backbone = "other", Teacher = "t", Device = "cpu", Threads = 3,
                Precision = PrecisionChoice.Fp32 },
            recipe with { Classes = folder.Write("there.txt", "# the same\na\n\nb\n") },
            recipe with { Svm = new SvmOptions { C = 3 }, Refilled = new RefilledOptions { Views = 3 } },
            recipe with { Validation = "all", ValidationTasks = 7 },
        ], same => Assert.Equal(hash, same.SettingsHash()));
        Assert.All(
        [
            recipe with { Classes = folder.Write("others.txt", "a\nc\n") }, recipe with { JoinTest = true }, recipe with { Tasks = 3 },
            recipe with { Seed = 1 }, recipe with { Learner = "ncm" },
            recipe with { Episode = recipe.Episode with { Shot = 1 } }, recipe with { FineTune = recipe.FineTune with { Views = 0 } },
            recipe with { ImageSize = 16 },
        ], other => Assert.NotEqual(hash, other.SettingsHash()));

        var chosen = recipe with { Learner = "svm", Validation = "0-4" };
        Assert.NotEqual(chosen.SettingsHash(), (chosen with { Validation = "0-5" }).SettingsHash());
        Assert.NotEqual(chosen.SettingsHash(), (chosen with { ValidationTasks = 3 }).SettingsHash());
        Assert.Equal((chosen with { Svm = new SvmOptions { C = 1 } }).SettingsHash(),
            (chosen with { Svm = new SvmOptions { C = 1 }, Validation = "0-5" }).SettingsHash());
    }

    [Fact]
    public void The_catalogue_says_which_learners_make_students()
    {
        var makers = typeof(IStudentMaker).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IStudentMaker)))
            .Select(type => type.Name).Order(StringComparer.Ordinal);
        Assert.Equal(["FeatLearner", "FineTuneLearner", "MamlLearner", "PrototypeLearner", "RefilledLearner"], makers);
        Assert.Equal("ncm, fine-tune, maml, protonet, feat, refilled", FewShotLearners.NamesWhere(kind => kind.MakesStudents));
        Assert.All(FewShotLearners.Names, FewShotLearners.Check);
    }
}
