using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Recipes;

namespace Refilled.Tests.Experiments;

public class AugmentationRecipeTests
{
    [Fact]
    public void Recipes_without_one_are_written_and_known_as_before()
    {
        var recipe = Read();
        Assert.Null(recipe.Augmentation);
        Assert.DoesNotContain("augmentation", RecipeWriter.Write(recipe), StringComparison.Ordinal);
    }

    [Fact]
    public void A_preset_alone_stands_for_it()
    {
        Assert.Equal(new Augmentation { Preset = AugmentationPreset.Letters }, Read("augmentation=letters").Augmentation);
        Assert.Equal(new Augmentation { Preset = AugmentationPreset.Letters, Rotation = 15, Mirror = MirrorKind.Both },
            Read("augmentation={preset: letters, rotation: 15, mirror: both}").Augmentation);
    }

    [Fact]
    public void What_is_written_reads_the_same_and_only_what_is_given_decides_the_identity()
    {
        var recipe = Read("augmentation={preset: photos, colour: 0.5}");
        using var folder = new Support.TemporaryFolder();
        var path = Path.Combine(folder.Path, "recipe.yaml");
        File.WriteAllText(path, RecipeWriter.Write(recipe));
        var again = RecipeReader.Read<Recipe>(path, []);
        Assert.Equal(recipe.Augmentation, again.Augmentation);
        Assert.Equal(Identity.Hash(recipe), Identity.Hash(again));
        Assert.NotEqual(Identity.Hash(recipe), Identity.Hash(Read()));
        Assert.Contains("augmentation:\n  preset: photos\n  colour: 0.5\n", RecipeWriter.Write(recipe), StringComparison.Ordinal);
    }

    [Fact]
    public void Training_images_vary_so_and_the_others_stay()
    {
        var images = RunImages.Select(Read("augmentation=letters"), DataCatalog.Load("generated:0,classes=4,train=10,test=2"));
        Assert.IsType<AugmentedViews>(images.Train.Store.Policy);
        Assert.IsType<PaddedCrop>(images.HeldOut.Store.Policy);
        Assert.IsType<PaddedCrop>(images.Test.Store.Policy);
    }

    [Fact]
    public void A_value_over_a_preset_leaves_it()
    {
        var recipe = Read("augmentation=letters", "augmentation.mixup=0.2");
        Assert.Equal(new Augmentation { Preset = AugmentationPreset.Letters, Mixup = 0.2 }, recipe.Augmentation);
        Assert.Equal(new Augmentation { Preset = AugmentationPreset.Small, Mixup = 0.2 },
            Read("augmentation=letters", "augmentation={preset: small, mixup: 0.2}").Augmentation);
        Assert.Equal(new Augmentation { Preset = AugmentationPreset.Small },
            Read("augmentation.mixup=0.2", "augmentation=small").Augmentation);
    }

    [Fact]
    public void Training_images_alone_are_mixed()
    {
        var images = RunImages.Select(Read("augmentation.mixup=0.2"), DataCatalog.Load("generated:0,classes=4,train=10,test=2"));
        Assert.Equal(new Mixing(0.2, 0).ToString(), images.Train.Mixing!.ToString());
        Assert.Null(images.HeldOut.Mixing);
        Assert.Null(images.Test.Mixing);
        Assert.Null(RunImages.Select(Read("augmentation.mixup=0"), DataCatalog.Load("generated:0,classes=4,train=10,test=2")).Train.Mixing);
    }

    /// <summary>What the methods whose losses take mixed images are called in refusals.</summary>
    private const string Takers = "ft, student, student-long, kd, fitnet, at, nst, vid, kd+vid, rkd, lkd";

    [Theory]
    [InlineData("refilled", "the stage 'embedding' can't be trained on mixed images: its loss triplet-alignment compares images by their "
        + "one class, and a mixed image is of two. Either mix the views of the other stage alone, by stage1.mixed: false, or choose")]
    [InlineData("vanilla", "its loss triplet-alignment compares")]
    [InlineData("refilled-tuples", "its loss tuple-alignment compares")]
    [InlineData("protonet", "its loss prototypes compares images by their one class, and a mixed image is of two. Either leave mixup and "
        + "cutmix out, or choose a method whose losses take them: " + Takers)]
    [InlineData("feat", "its loss set-to-set compares")]
    [InlineData("maml", "its loss maml compares")]
    public void Mixed_images_are_refused_where_a_loss_needs_one_class(string method, string part)
    {
        string[] edits = [$"method={method}", "teacher=somewhere"];
        foreach (var mix in new[] { "augmentation.mixup=0.2", "augmentation={preset: letters, cutmix: 1}" })
        {
            var message = Assert.Throws<RecipeException>(() => Read([.. edits, mix])).Message;
            Assert.Contains(part, message, StringComparison.Ordinal);
            Assert.Contains(Takers, message, StringComparison.Ordinal);
        }
        Read([.. edits, "augmentation={preset: letters, mixup: 0, cutmix: 0}"]);
    }

    [Fact]
    public void The_stages_that_can_not_be_mixed_are_left_as_they_are_when_told_so()
    {
        foreach (var method in new[] { "refilled", "refilled-tuples", "vanilla", "lkd", "student-long", "kd" })
            Read($"method={method}", "teacher=somewhere", "setting=standard", "augmentation.mixup=0.2", "stage1.mixed=false");
        const string Stages = "stages=[{losses: {cross-entropy: 1, triplet-alignment: 1}}]";
        Assert.Contains("leave mixup and cutmix out", Assert.Throws<RecipeException>(
            () => Read("method=own", "teacher=t", Stages, "augmentation.mixup=0.2", "stage1.mixed=false")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("augmentation=leters", "Did you mean 'letters'?")]
    [InlineData("augmentation={rotation: 300}", "augmentation.rotation")]
    [InlineData("augmentation={mixup: 11}", "augmentation.mixup: must be from 0 (none) to 10, not 11")]
    [InlineData("augmentation={cutmix: -1}", "augmentation.cutmix: must be from 0 (none) to 10, not -1")]
    [InlineData("losses.cross-entropy.class-weights=balancd", "losses.cross-entropy.class-weights: must be balanced, or be left out")]
    public void What_can_not_be_is_named(string edit, string part) =>
        Assert.Contains(part, Assert.Throws<RecipeException>(() => Read(edit)).Message, StringComparison.Ordinal);

    private static Recipe Read(params string[] edits) =>
        RecipeReader.Read<Recipe>(null, ((string[])["data=generated:0,classes=4,train=10,test=2", "method=student", .. edits])
            .Select(RecipeEdit.Parse));
}
