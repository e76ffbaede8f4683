using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.FewShot.Losses;
using Refilled.Recipes;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Experiments;

/// <summary>What recipes say about few-shot tasks.</summary>
public sealed class EpisodeRecipeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Shipped() =>
        [.. from set in new[] { "cifar-fs", "quick" } from method in new[] { "backbone", "protonet", "feat", "maml" }
            select $"{set}/{method}.yaml"];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void The_shipped_recipes_can_be_read_from_anywhere(string name)
    {
        var recipe = RecipeReader.Read<Recipe>(Path.Combine(Repository.Root, "recipes", "middle-shot", name),
            name.StartsWith("quick", StringComparison.Ordinal) ? [] : [RecipeEdit.Parse("data=cifar100:x")]);
        var method = recipe.CreateMethod();
        Assert.Equal(Path.GetFileNameWithoutExtension(name) is var given && given == "backbone" ? "student" : given, method.Name);
        Assert.Equal(SelectionMeasure.Episodes, Assert.Single(method.Stages).Selection);
        Assert.Equal((true, 0.0), (recipe.JoinTest, recipe.HeldOutPart));
    }

    [Fact]
    public void A_list_of_names_may_lie_beside_the_recipe_that_names_it()
    {
        folder.Write("lists/known.txt", "class0\nclass1\n");
        folder.Write("lists/other.txt", "class2\nclass3\n");
        folder.Write("lists/part.yaml", "validation: { classes: other.txt }\nclasses: known.txt\n");
        Recipe Read(string text, params string[] edits) =>
            RecipeReader.Read<Recipe>(folder.Write("r.yaml", "data: generated\nmethod: student\n" + text), edits.Select(RecipeEdit.Parse));

        var recipe = Read("include: lists/part.yaml\n");
        Assert.Equal((folder["lists", "known.txt"], folder["lists", "other.txt"]), (recipe.Classes, recipe.Validation!.Classes));
        // What is written is found again from elsewhere.
        Assert.Equal(recipe.Classes,
            RecipeReader.Read<Recipe>(folder.Write("elsewhere/recipe.yaml", RecipeWriter.Write(recipe)), []).Classes);
        Assert.Equal(folder["lists", "known.txt"], Read("classes: lists/known.txt\n").Classes);
        // Forms aren't files, and the command line has no folder of its own.
        folder.Write("0-3", "class0\n");
        Assert.Equal("0-3", Read("classes: 0-3\n").Classes);
        Assert.Contains("'known.txt' names no classes and is no file",
            Assert.Throws<RecipeException>(() => Read("", "classes=known.txt")).Message, StringComparison.Ordinal);
        Assert.Contains("'lists/gone.txt' names no classes and is no file",
            Assert.Throws<RecipeException>(() => Read("classes: lists/gone.txt\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_held_out_beside_a_validation_unless_the_recipe_says_so()
    {
        var plain = new Recipe { Data = "generated" };
        var selected = plain with { Validation = new ValidationEpisodes { Classes = "0-4" } };
        Assert.Equal([0.1, 0, 0.2, 0.2],
            new[] { plain, selected, plain with { HoldOut = 0.2 }, selected with { HoldOut = 0.2 } }.Select(recipe => recipe.HeldOutPart));
        Assert.Equal((0.1, 0.0), (Experiment.Resolve(plain).HoldOut, Experiment.Resolve(selected).HoldOut));
    }

    [Fact]
    public void A_validation_selects_every_stage()
    {
        var recipe = new Recipe { Data = "generated", Teacher = "t" };
        Assert.Equal([SelectionMeasure.NearestClassMean, SelectionMeasure.Accuracy],
            recipe.CreateMethod().Stages.Select(stage => stage.Selection));
        Assert.Equal([SelectionMeasure.Episodes, SelectionMeasure.Episodes],
            (recipe with { Validation = new ValidationEpisodes { Classes = "0-4" } })
                .CreateMethod().Stages.Select(stage => stage.Selection));
    }

    [Fact]
    public void Losses_over_tasks_have_options_and_make_stages()
    {
        var recipe = Read("method: mine\nlosses:\n  prototypes: { temperature: 8, episode: { way: 3 } }\nstages:\n"
            + "- losses: { set-to-set: { heads: 2, episode: { shot: 1 } } }\n- name: last\n  losses: { prototypes: {} }\n");
        var stages = recipe.CreateMethod().Stages;
        Assert.Equal([("embedding", StageLength.First), ("last", StageLength.First)], stages.Select(stage => (stage.Name, stage.Length)));
        Assert.Equal(new SetToSetLoss { Heads = 2, Episode = new EpisodeShape { Shot = 1 } }, Assert.Single(stages[0].Losses));
        Assert.Equal(new PrototypeLoss { Temperature = 8, Episode = new EpisodeShape { Way = 3 } }, Assert.Single(stages[1].Losses));
        Assert.Equal(new EpisodeShape { Way = 3 }, stages[1].Episode);
        Assert.Equal(RecipeWriter.Write(recipe),
            RecipeWriter.Write(RecipeReader.Read<Recipe>(folder.Write("w.yaml", RecipeWriter.Write(recipe)), [])));
    }

    [Theory]
    [InlineData("{ classes: 0-4, tasks: 30, way: 3, query: 4 }", "{ classes: 0-4, tasks: 30, episode: { way: 3, query: 4 } }")]
    [InlineData("{ classes: 0-4 }", "0-4")]
    public void A_validation_has_one_form_and_an_older_one(string older, string form)
    {
        string Written(string validation) => RecipeWriter.Write(Read($"method: student\nvalidation: {validation}\n"));
        Assert.Equal(Written(older), Written(form));
    }

    [Theory]
    [InlineData("method: student\nvalidation: {}\n", "r.yaml:3: validation: the key 'classes' is missing")]
    [InlineData("method: student\nvalidation: { classes: esay:student }\n",
        "r.yaml:3: validation.classes: 'esay:student' names no classes and is no file. Did you mean 'easy:student'?")]
    [InlineData("method: student\nvalidation:\n  classes: 0-4\n"
        + "  tasks: 1\n", "r.yaml:5: validation.tasks: must be from 2 to 1000000, not 1")]
    [InlineData("method: student\nvalidation:\n  classes: 0-4\n  way: 1\n", "r.yaml:5: validation.way: must be from 2 to 10000, not 1")]
    [InlineData("method: protonet\nlosses:\n  prototypes:\n    episode: { shot: 0 }\n",
        "r.yaml:5: losses.prototypes.episode.shot: must be from 1 to 10000, not 0")]
    [InlineData("method: ft\nteacher: t\nstart: s\n", "r.yaml:4: start: the method 'ft' starts from the teacher; leave the start out")]
    [InlineData("method: mine\nstages:\n- selection: episodes\n  losses: { cross-entropy: 1 }\n", "r.yaml:3: stages: "
        + "the stage 'classifier' is selected by episodes, and there are no classes to draw them from: give the recipe a validation")]
    [InlineData("method: mine\nstages:\n- losses: { prototypes: 1, cross-entropy: 1 }\n", "r.yaml:4: stages[0].losses: "
        + "its losses share their batches, but cross-entropy reads images in no order, and prototypes reads tasks of 5 classes with 5 "
            + "shots and 15 queries")]
    [InlineData("method: mine\nstages:\n- losses: { prototypes: 1, set-to-set: { episode: { way: 4 } } }\n", "r.yaml:4: stages[0].losses: "
        + "its losses share their batches, but prototypes reads tasks of 5 classes with 5 shots and 15 queries, "
            + "and set-to-set reads tasks of 4 classes")]
    public void Mistakes_are_told_with_their_place(string text, string expected)
    {
        var errors = Assert.Throws<RecipeException>(() => Read(text)).Errors.Select(error => error.ToString()
            .Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)).ToList();
        Assert.StartsWith(expected, Assert.Single(errors.Distinct()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "student")]
    [InlineData("method: refilled\nteacher: t\n", "student")]
    [InlineData("method: ft\nteacher: t\n", "student")]
    [InlineData("method: mine\nstages:\n- losses: { cross-entropy: 1 }\n", "student")]
    [InlineData("method: student-long\n", "student-long")]
    [InlineData("method: protonet\nteacher: t\n", "protonet")]
    public void Pretraining_keeps_a_method_that_reads_no_teacher(string text, string expected)
    {
        var file = folder.Write("p.yaml", "data: generated\n" + text);
        var recipe = RecipeReader.Read<Recipe>(file, Pretraining.Edits(file, [], "pretrain"));
        Assert.Equal((expected, null, 0), (recipe.Method, recipe.Teacher, recipe.Stages.Count));
    }

    [Fact]
    public void Pretraining_hides_no_mistake_in_a_methods_name()
    {
        var file = folder.Write("p.yaml", "data: generated\nmethod: protonte\n");
        Assert.Contains("p.yaml:2: method: There is no method 'protonte'. Did you mean 'protonet'?",
            Assert.Throws<RecipeException>(() => RecipeReader.Read<Recipe>(file, Pretraining.Edits(file, [], "pretrain"))).Message,
                StringComparison.Ordinal);
        RecipeEdit[] edits = [RecipeEdit.Parse("method=feat")];
        Assert.Equal("feat", RecipeReader.Read<Recipe>(file, [.. edits, .. Pretraining.Edits(file, edits, "pretrain")]).Method);
    }

    private Recipe Read(string text) => RecipeReader.Read<Recipe>(folder.Write("r.yaml", "data: generated\n" + text), []);
}
