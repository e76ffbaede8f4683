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

    [Theory]
    [InlineData("augmentation=leters", "Did you mean 'letters'?")]
    [InlineData("augmentation={rotation: 300}", "augmentation.rotation")]
    public void What_can_not_be_is_named(string edit, string part) =>
        Assert.Contains(part, Assert.Throws<RecipeException>(() => Read(edit)).Message, StringComparison.Ordinal);

    private static Recipe Read(params string[] edits) =>
        RecipeReader.Read<Recipe>(null, ((string[])["data=generated:0,classes=4,train=10,test=2", "method=student", .. edits])
            .Select(RecipeEdit.Parse));
}
