using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Recipes;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Experiments;

/// <summary>Methods that a recipe makes of losses by itself.</summary>
public sealed class StageRecipeTests : IDisposable
{
    private const string Begin = "data: generated\nteacher: t\nmethod: mine\n";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Losses_are_named_with_weights_and_options()
    {
        var method = Read(Begin + """
            losses:
              triplet-alignment: { temperature: 2 }
            stages:
            - losses:
                relational-knowledge: { weight: 0.5, angle-weight: 10 }
                triplet-alignment: {}
            - name: last
              losses: { cross-entropy: 0.25, local-classifier: { weight: 3, centres: global } }

            """).CreateMethod();
        Assert.Equal("mine", method.Name);
        Assert.Equal(
            [("embedding", StageLength.First, SelectionMeasure.NearestClassMean), ("last", StageLength.Second, SelectionMeasure.Accuracy)],
            method.Stages.Select(stage => (stage.Name, stage.Length, stage.Selection)));
        // What isn't given is the usual, or what the recipe says of the loss for all stages.
        Assert.Equal([new RelationalKnowledge { Weight = 0.5, AngleWeight = 10 }, new TripletAlignment { Weight = 500, Temperature = 2 }],
            method.Stages[0].Losses);
        Assert.Equal([new CrossEntropy { Weight = 0.25 }, LocalClassifier.Paper with { Weight = 3, Centres = Centres.Global }],
            method.Stages[1].Losses);
    }

    [Fact]
    public void Every_known_method_can_be_written_as_stages()
    {
        var losses = new LossOptions();
        foreach (var known in Methods.Names.Select(name => Methods.Create(name, losses)).Where(method => method.Stages.Count > 0))
        {
            var text = string.Concat(known.Stages.Select(stage =>
            {
                var losses = stage.Losses.Select(loss => FormattableString.Invariant($"{loss.Name}: {loss.Weight}"));
                return $"- losses: {{ {string.Join(", ", losses)} }}\n  length: {stage.Length.ToString().ToLowerInvariant()}\n";
            }));
            var own = Read(Begin + "setting: standard\nstages:\n" + text).CreateMethod();
            Assert.Equal(known.Stages.Count, own.Stages.Count);
            foreach (var (a, b) in known.Stages.Zip(own.Stages))
            {
                Assert.Equal((a.Name, a.Length, a.Selection), (b.Name, b.Length, b.Selection));
                Assert.Equal(a.Losses.OrderBy(loss => loss.Name), b.Losses.OrderBy(loss => loss.Name));
            }
        }
    }

    [Fact]
    public void All_losses_can_be_named_and_their_names_are_those_of_the_metrics()
    {
        var parts = RecipeBinder.Parts(typeof(LossOptions)).ToList();
        Assert.Equal(
            RecipeBinder.Properties(typeof(LossOptions)).Where(property => property.Name != nameof(LossOptions.HardTargets)), parts);
        Assert.All(parts, part => Assert.Equal(((LossSpec)part.GetValue(new LossOptions())!).Name, RecipeNames.Kebab(part.Name)));
    }

    [Fact]
    public void A_stage_has_its_losses_in_the_order_of_the_options()
    {
        Assert.Equal([new CrossEntropy(), new RelationalKnowledge(), new TripletAlignment()],
            new StageRecipe { Losses = [new TripletAlignment(), new CrossEntropy(), new RelationalKnowledge()] }.Create().Losses);
        Assert.Throws<ArgumentException>(() => new StageRecipe { Losses = [new CrossEntropy(), new CrossEntropy { Weight = 2 }] });
    }

    [Fact]
    public void The_embedding_alone_may_be_all_that_is_trained()
    {
        var stage = Assert.Single(Read(Begin + "stages:\n- losses: { triplet-alignment: 1 }\n").CreateMethod().Stages);
        Assert.Equal(("embedding", SelectionMeasure.NearestClassMean), (stage.Name, stage.Selection));
    }

    [Fact]
    public void Losses_that_a_stage_does_not_name_are_part_of_its_settings_hash()
    {
        var recipe = Read(Begin + "stages:\n- losses: { hint: 3, cross-entropy: 1 }\n");
        var lines = RecipeWriter.Changed(new Recipe { Data = "" }, recipe)
            .Where(line => line.StartsWith("stages", StringComparison.Ordinal));
        Assert.Equal(
        [
            "stages[0].name: null", "stages[0].length: null", "stages[0].selection: null",
            "stages[0].losses.cross-entropy.weight: 1", "stages[0].losses.cross-entropy.decay: 0", "stages[0].losses.soft-targets: null",
            "stages[0].losses.hint.weight: 3", "stages[0].losses.hint.decay: 0", "stages[0].losses.hint.batch-norm: true",
            "stages[0].losses.attention-transfer: null", "stages[0].losses.neuron-selectivity: null",
            "stages[0].losses.variational-information: null", "stages[0].losses.relational-knowledge: null",
            "stages[0].losses.triplet-alignment: null", "stages[0].losses.tuple-alignment: null", "stages[0].losses.local-classifier: null",
            "stages[0].losses.prototypes: null", "stages[0].losses.set-to-set: null", "stages[0].losses.maml: null",
        ], lines);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var recipe = Read(Begin + "losses: { hint: 3 }\nstages:\n- losses: { triplet-alignment: 7, hint: {} }\n- name: \"b: c\"\n"
            + "  losses: { cross-entropy: 1, variational-information: { hidden: 5 } }\n  selection: nearest-class-mean\n");
        var written = RecipeWriter.Write(recipe);
        var read = Read(written);
        Assert.Equal(written, RecipeWriter.Write(read));
        Assert.Equal(recipe.CreateMethod().Stages.SelectMany(stage => stage.Losses),
            read.CreateMethod().Stages.SelectMany(stage => stage.Losses));
        Assert.Empty(RecipeWriter.Differences(recipe, read));
        Assert.Equal(["stages[0].losses.hint.weight was 3, is 4"],
            RecipeWriter.Differences(recipe, Read(written.Replace("weight: 3\n", "weight: 4\n", StringComparison.Ordinal)))
            .Where(line => line.StartsWith("stages", StringComparison.Ordinal)));
        Assert.Equal(RecipeWriter.Hash(recipe), RecipeWriter.Hash(read));
    }

    [Theory]
    [InlineData("stages:\n- losses: { cross-entropy: 1, soft-target: 1 }\n",
        "r.yaml:5: stages[0].losses.soft-target: unknown key. Did you mean 'soft-targets'? Known here: cross-entropy, soft-targets")]
    [InlineData("stages:\n- losses:\n    cross-entropy: 1\n    local-classifier: { centers: batch }\n",
        "r.yaml:7: stages[0].losses.local-classifier.centers: unknown key. Did you mean 'centres'?")]
    [InlineData("stages:\n- losses:\n    cross-entropy: -1\n",
        "r.yaml:6: stages[0].losses.cross-entropy.weight: must be a finite number of at least 0, not -1")]
    [InlineData("stages:\n- losses:\n    cross-entropy: much\n",
        "r.yaml:6: stages[0].losses.cross-entropy.weight: expected a number, not 'much'")]
    [InlineData("stages:\n- losses:\n    cross-entropy:\n",
        "r.yaml:6: stages[0].losses.cross-entropy: expected a weight or a mapping of keys to values, not nothing")]
    [InlineData("stages:\n- losses: {}\n", "r.yaml:5: stages[0].losses: names no loss. Known: cross-entropy, soft-targets")]
    [InlineData("stages:\n- name: x\n", "r.yaml:5: stages[0]: the key 'losses' is missing")]
    [InlineData("stages:\n- losses: { cross-entropy: 1 }\n- losses: { cross-entropy: 1 }\n",
        "r.yaml:4: stages: two stages are called 'classifier'")]
    [InlineData("stages:\n- losses: { triplet-alignment: 1 }\n  selection: accuracy\n"
        + "- losses: { cross-entropy: 1 }\n", "r.yaml:6: stages[0].selection: no loss of this stage trains the classifier")]
    [InlineData("stages:\n- losses: { cross-entropy: 1, soft-targets: 1 }\n",
        "r.yaml:1: setting: the method 'mine' compares the teacher's logits")]
    [InlineData("", "r.yaml:3: method: There is no method 'mine'")]
    public void Mistakes_are_told_with_their_place(string stages, string expected)
    {
        var errors = Errors(Begin + stages);
        Assert.Contains(errors, error => error.StartsWith(expected, StringComparison.Ordinal));
        Assert.Single(errors);
    }

    [Theory]
    [InlineData("refilled", "'refilled' is a known method; stages make a method of their own")]
    [InlineData("My Mix", "the name of a method is of lower-case letters")]
    [InlineData("../x", "the name of a method is of lower-case letters")]
    public void Stages_make_a_method_with_a_name_of_its_own(string name, string expected) =>
        Assert.Contains($"r.yaml:3: method: {expected}",
            Assert.Single(Errors($"data: generated\nteacher: t\nmethod: {name}\nstages:\n- losses: {{ cross-entropy: 1 }}\n")),
                StringComparison.Ordinal);

    [Fact]
    public void Comparing_logits_needs_the_same_classes()
    {
        Assert.Contains("setting: the method 'kd' compares the teacher's logits",
            Assert.Single(Errors("data: generated\nteacher: t\nmethod: kd\n")), StringComparison.Ordinal);
        Assert.Equal("kd", Read("data: generated\nteacher: t\nmethod: kd\nsetting: standard\n").CreateMethod().Name);
        Assert.Contains("teacher: the method 'ft' reads a teacher", Assert.Single(Errors("data: generated\nmethod: ft\n")),
            StringComparison.Ordinal);
    }

    private Recipe Read(string text) => RecipeReader.Read<Recipe>(folder.Write("r.yaml", text), []);

    private List<string> Errors(string text)
    {
        var file = folder.Write("r.yaml", text);
        return [.. Assert.Throws<RecipeException>(() => Read(text)).Errors.Select(e => e.ToString()
            .Replace(Path.GetDirectoryName(file) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
    }
}
