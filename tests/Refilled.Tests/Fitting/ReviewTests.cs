using Refilled.Data;
using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Recipes;
using Refilled.Tests.Support;

namespace Refilled.Tests.Fitting;

/// <summary>What a fit asks somebody to look at, and what comes of the answers.</summary>
public sealed class ReviewTests : IDisposable
{
    private readonly FewShotFiles files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => files.Dispose();

    [Fact]
    public void A_label_is_doubted_where_another_class_is_as_probable_as_for_its_own_images()
    {
        // Usual for their own: (0.9 + 0.7 + 0.2) / 3 = 0.6 and (0.8 + 0.55) / 2 = 0.675.
        float[] probabilities = [0.9f, 0.1f, 0.7f, 0.3f, 0.2f, 0.8f, 0.2f, 0.8f, 0.45f, 0.55f];
        var doubt = Assert.Single(LabelReview.Doubtful(probabilities, [0, 0, 0, 1, 1]));
        Assert.Equal((2, 1), (doubt.Image, doubt.Seems));
        Assert.Equal(0.8, doubt.Probability, 1e-6);
        // 0.65 of class 1 for an image of class 0 is less than usual there.
        probabilities[4] = 0.35f;
        probabilities[5] = 0.65f;
        Assert.Empty(LabelReview.Doubtful(probabilities, [0, 0, 0, 1, 1]));
        Assert.Empty(LabelReview.Doubtful([], []));
    }

    [Fact]
    public void The_surest_mistake_and_the_hardest_choice_come_first()
    {
        float[] probabilities = [0.1f, 0.9f, 0.05f, 0.95f, 1, 0, 1, 0, 0.2f, 0.8f];
        Assert.Equal([1, 0], LabelReview.Doubtful(probabilities, [0, 0, 0, 0, 1]).Select(one => one.Image));
        float[] three = [0.5f, 0.1f, 0.4f, 0.2f, 0.7f, 0.1f, 0.33f, 0.33f, 0.34f];
        Assert.Equal([(2, 2), (0, 0), (1, 1)], LabelReview.Unsure(three, 3).Select(one => (one.Image, one.Seems)));
    }

    [Fact]
    public void A_wrong_label_is_found_corrected_and_an_unlabelled_image_gets_its_own()
    {
        var photos = files.Photographs("photos", 12, "a", "b", "c", "d");
        var wrong = Path.Combine(photos, "b", "wrong.png");
        File.Copy(Directory.GetFiles(Path.Combine(photos, "a"))[0], wrong);
        File.AppendAllText(wrong, "so that it is no duplicate");
        var more = files.Photographs("more", 3, "x", "y");
        var recipe = Recipe(photos) with { Base = Recipe(photos).Base with { Unlabelled = more } };
        var result = Fit.Run(recipe, files.Folder["fit"], cancel: Cancel);
        var list = files.Folder["fit", LabelReview.FileName];
        var lines = File.ReadAllLines(list);
        Assert.Equal("file,label,seems,probability,correct", lines[0]);
        Assert.StartsWith($"{wrong},b,a,", lines[1], StringComparison.Ordinal);
        Assert.Equal(6, result.Review!.Unlabelled);
        Assert.Equal(lines.Length, 1 + result.Review.Doubtful + 6);

        var (unlabelled, other) = (lines[^1].Split(',')[0], lines[^2].Split(',')[0]);
        string Refused(string review) => Assert.Throws<InputException>(() =>
            NextFit.Corrected(recipe, files.Folder.Write("r.csv", review), files.Folder["next"], _ => { }, Cancel)).Message;
        Assert.Contains("corrects nothing", Refused(File.ReadAllText(list)), StringComparison.Ordinal);
        Assert.Contains("no column 'file'", Refused("a,b\n"), StringComparison.Ordinal);
        Assert.Contains("r.csv:2: there is no class 'aa'. Did you mean 'a'?", Refused($"{lines[0]}\n{lines[1]}aa\n"),
            StringComparison.Ordinal);
        Assert.Contains("is no image of", Refused($"{lines[0]}\n{photos}/b/none.png,b,a,0.9,a\n"), StringComparison.Ordinal);
        Assert.Contains("labelled already", Refused($"{lines[0]}\n{wrong},,a,0.9,a\n"), StringComparison.Ordinal);
        Assert.Contains("can't be read", Assert.Throws<InputException>(() =>
            NextFit.Corrected(recipe, files.Folder["nowhere.csv"], files.Folder["next"], _ => { }, Cancel)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.Folder["next"]));

        var said = "";
        var gone = Path.Combine(photos, "c", Path.GetFileName(Directory.GetFiles(Path.Combine(photos, "c"))[0]));
        var next = NextFit.Corrected(recipe, files.Folder.Write("r.csv",
            $"{lines[0]}\n{lines[1]}a\n{unlabelled},,a,0.5,d\n{gone},c,c,0.5,none\n{other},,a,0.4,none\n"), files.Folder["next"],
            text => said += $"{text}\n", Cancel);
        Assert.StartsWith("1 labels corrected, 1 images labelled, 1 left out.\n1 images without labels are none of the classes", said,
            StringComparison.Ordinal);
        var (before, after) = (DataCatalog.Load(photos), DataCatalog.Load(next.Base.Data));
        Assert.Equal(Names(before.Test, before, photos), Names(after.Test, after, ""));
        var now = Names(after.Train, after, "");
        Assert.Contains((wrong, "a"), now);
        Assert.Contains((unlabelled, "d"), now);
        Assert.DoesNotContain((gone, "c"), now);
        Assert.Equal(before.Train.Count, after.Train.Count);
        // It goes on as any other fit does.
        Assert.Equal(after.Train.Count, Fit.Run(next, files.Folder["next"], cancel: Cancel).TrainImages);
    }

    [Fact]
    public void More_classes_are_tried_from_the_earlier_network_too()
    {
        var photos = files.Photographs("photos", 10, "a", "b", "c");
        var more = files.Photographs("more", 10, "d");
        var recipe = Recipe(photos);
        string Refused(string add) => Assert.Throws<InputException>(() => NextFit.WithClasses(
            recipe, FitRun.NetworkIn(files.Folder["fit"]), [add], files.Folder["next"], _ => { }, Cancel)).Message;
        Assert.Contains("come to its end", Refused(Path.Combine(more, "d")), StringComparison.Ordinal);
        var first = Fit.Run(recipe, files.Folder["fit"], cancel: Cancel);
        Assert.Contains("There is no folder", Refused(files.Folder["nowhere"]), StringComparison.Ordinal);
        Assert.Contains("an image of the earlier fit already", Refused(Path.Combine(photos, "a")), StringComparison.Ordinal);
        var next = NextFit.WithClasses(recipe, first.Network, [Path.Combine(more, "d")], files.Folder["next"], _ => { }, Cancel);
        var data = DataCatalog.Load(next.Base.Data);
        Assert.Equal(["a", "b", "c", "d"], data.Train.ClassNames);
        Assert.Equal((8, 2), (data.Train.Labels.Count(label => label == 3), data.Test.Labels.Count(label => label == 3)));
        Assert.Equal(["student-from-start", "student", "regress+lkd"], next.Candidates.Select(one => one.Name));
        Assert.Equal(0.01, next.Candidates[0].Rate2);
        Assert.Equal(4, Fit.Run(next, files.Folder["next"], cancel: Cancel).Classes.Count);
        Assert.Empty(RecipeWriter.Differences(next, RecipeReader.Read<FitRecipe>(files.Folder["next", Fit.RecipeName], [])));
    }

    [Theory]
    [InlineData("generated:0,classes=4,train=12,test=4", null, "are no files in a folder")]
    [InlineData(null, 3, "takes some images of each class alone")]
    public void What_can_not_be_listed_is_said(string? data, int? perClass, string message)
    {
        var recipe = Recipe(data ?? files.Photographs("photos", 6, "a", "b"));
        recipe = recipe with { Base = recipe.Base with { ImagesPerClass = perClass } };
        Assert.Contains(message, Assert.Throws<InputException>(() => NextFit.Corrected(recipe,
            files.Folder.Write("r.csv", "file,label,seems,probability,correct\nx.png,a,b,0.9,b\n"), files.Folder["next"], _ => { }, Cancel))
            .Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(string File, string Label)> Names(ImageSet set, Dataset of, string place) =>
        set.SampleIds.Select((id, i) => (Path.Combine(place, of.FileNames![(int)id]), set.ClassNames[set.Labels[i]])).Order();

    private FitRecipe Recipe(string data) => new()
    {
        Base = new Recipe
        {
            Data = data, ImageSize = 32, Method = "student", Student = "wrn-10-1", Teacher = files.Network("teacher", size: 32),
            HoldOut = 0.25, Batch = 16, Views = 1, Device = "cpu", Precision = PrecisionChoice.Fp32, Threads = 1,
        },
        Candidates = [new() { Method = "student", Views = 0 }, new() { Method = "regress+lkd" }], Folds = 2, Screening = 1,
    };
}
