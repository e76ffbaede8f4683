using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Tests.Experiments;

/// <summary>Which images a recipe trains on, selects by and tests on.</summary>
public class RunImagesTests
{
    private static readonly Dataset Data = DataCatalog.Load("generated:0,classes=8,train=16,test=4");
    private static readonly Recipe Plain = new() { Data = "generated", Classes = "5,0-2" };

    private static void Disjoint(params ImageSet[] sets) =>
        Assert.Equal(sets.Sum(set => set.Count), sets.SelectMany(set => set.SampleIds).Distinct().Count());

    [Fact]
    public void By_default_a_part_of_the_training_images_is_held_out_and_the_test_is_the_sources()
    {
        var images = RunImages.Select(Plain, Data);
        Assert.Equal((4 * 14, 4 * 2, 4 * 4), (images.Train.Count, images.HeldOut.Count, images.Test.Count));
        Assert.Null(images.Validation);
        Assert.Equal(Data.Test.OfClasses([5, 0, 1, 2]).SampleIds, images.Test.SampleIds);
        Disjoint(images.Train, images.HeldOut, images.Test);
    }

    [Fact]
    public void Images_of_other_classes_come_from_the_test_and_from_all_of_these()
    {
        var others = RunImages.Select(Plain, Data).Others;
        Assert.Equal(Data.Test.SampleIds.Where((_, i) => Data.Test.Labels[i] is 3 or 4 or 6 or 7).Order(), others.SampleIds.Order());
        Assert.Equal(0, RunImages.Select(Plain with { Classes = "all" }, Data).Others.Count);
        var many = RunImages.Spread(MadeUpImages.Set(3000, 3), Enumerable.Range(0, 3000));
        Assert.Equal([0, 1, 2], many.Labels.Distinct().Order());
        Assert.Equal(1000, many.SampleIds.Distinct().Count());
    }

    [Fact]
    public void Folds_hold_out_each_image_once_and_of_each_class_as_many()
    {
        var folds = Enumerable.Range(0, 4).Select(i => RunImages.Select(Plain with { Fold = $"{i}/4" }, Data)).ToList();
        Disjoint([.. folds.Select(fold => fold.HeldOut)]);
        Assert.Equal(4 * 16, folds.Sum(fold => fold.HeldOut.Count));
        foreach (var fold in folds)
        {
            Disjoint(fold.Train, fold.HeldOut);
            Assert.Equal(4 * 16, fold.Train.Count + fold.HeldOut.Count);
            Assert.All(fold.HeldOut.Labels.CountBy(label => label), own => Assert.Equal(4, own.Value));
        }
        Assert.NotEqual(folds[0].HeldOut.SampleIds, RunImages.Select(Plain with { Fold = "0/4@1" }, Data).HeldOut.SampleIds);
        foreach (var wrong in new[] { "4/4", "0/1", "1", "a/b", "-1/4" })
            Assert.Contains((Plain with { Fold = wrong }).Validate(), problem => problem.Path == "fold");
        // A class of one image trains always.
        var lone = new ImageSet(Data.Train.Store, [0, 1, 2, 3], [0, 1, 1, 1], ["lone", "others"]);
        Assert.Equal(3, Enumerable.Range(0, 2).Sum(i => lone.Fold(i, 2, 0).HeldOut.Count));
        Assert.All(Enumerable.Range(0, 2), i => Assert.Contains(0, lone.Fold(i, 2, 0).Train.Labels));
    }

    [Fact]
    public void Joined_a_seeded_tenth_of_each_class_is_the_test()
    {
        var recipe = Plain with { JoinTest = true };
        var images = RunImages.Select(recipe, Data);
        Assert.All(images.Test.Labels.CountBy(label => label), pair => Assert.Equal(2, pair.Value));
        Assert.Equal((4 * 16, 4 * 2, 4 * 2), (images.Train.Count, images.HeldOut.Count, images.Test.Count));
        Disjoint(images.Train, images.HeldOut, images.Test);
        Assert.Equal(Data.Train.OfClasses([5, 0, 1, 2]).SampleIds.Concat(Data.Test.OfClasses([5, 0, 1, 2]).SampleIds).Order(),
            images.Train.SampleIds.Concat(images.HeldOut.SampleIds).Concat(images.Test.SampleIds).Order());
        Assert.Contains(images.Train.SampleIds, Data.Test.SampleIds.Contains);
        // The same for every run; other classes in the recipe don't change it.
        Assert.Equal(images.Test.SampleIds,
            RunImages.Select(recipe with { Seeds = new SeedSettings { Run = 7, View = 3 } }, Data).Test.SampleIds);
        Assert.NotEqual(images.Test.SampleIds,
            RunImages.Select(recipe with { Seeds = new SeedSettings { HoldOut = 1 } }, Data).Test.SampleIds);
        Assert.Equal(images.Test.OfClasses([0, 1]).SampleIds, RunImages.Select(recipe with { Classes = "5,0" }, Data).Test.SampleIds);
        Assert.Equal((4 * 9, 4 * 1),
            (RunImages.Select(recipe with { ImagesPerClass = 10 }, Data) is var few ? (few.Train.Count, few.HeldOut.Count) : default));
        Assert.Equal(images.Test.SampleIds, few.Test.SampleIds);
    }

    [Theory]
    [InlineData(false, 16)]
    [InlineData(true, 20)]
    public void Validation_tasks_have_classes_of_their_own(bool join, int perClass)
    {
        var recipe = Plain with
        {
            JoinTest = join,
            Validation = new ValidationEpisodes { Classes = "6-7,3", Tasks = 9, Way = 2, Shot = 3, Query = 4 },
            Seeds = new SeedSettings { HoldOut = 5, Run = 1 },
        };
        var images = RunImages.Select(recipe, Data);
        var validation = images.Validation!;
        Assert.Equal((9, 5, new EpisodeShape { Way = 2, Shot = 3, Query = 4 }), (validation.Count, validation.Seed, validation.Shape));
        Assert.Equal(new[] { 6, 7, 3 }.Select(c => Data.Train.ClassNames[c]), validation.Set.ClassNames);
        Assert.Equal(3 * perClass, validation.Set.Count);
        Assert.Equal(0, images.HeldOut.Count);
        Disjoint(images.Train, images.Test, validation.Set);
        // Only where the source's parts are one may an image of its test be seen.
        Assert.Equal(join, validation.Set.SampleIds.Any(Data.Test.SampleIds.Contains));
        Assert.Equal(4 * 2, RunImages.Select(recipe with { HoldOut = 0.1 }, Data).HeldOut.Count);
    }

    [Fact]
    public void Classes_that_are_trained_on_are_refused_for_the_validation_by_name() => Assert.Equal(
        $"The validation's classes '1-3' and the training's '5,0-2' must not overlap, but they share 2 ({Data.Train.ClassNames[1]}, "
            + $"{Data.Train.ClassNames[2]}): tasks of known classes say nothing about new ones. Choose other classes for one of them.",
        Assert.Throws<InputException>(() =>
            RunImages.Select(Plain with { Validation = new ValidationEpisodes { Classes = "1-3" } }, Data)).Message);

    [Fact]
    public void Tasks_that_can_not_be_drawn_are_refused_before_anything_trains()
    {
        void Check(Recipe recipe) => MethodFit.CheckImages(recipe.CreateMethod(), RunImages.Select(recipe, Data));
        var recipe = Plain with { Method = "protonet" };
        Assert.Contains("Of the stage 'embedding' of the method 'protonet': A task of 5 classes can't be drawn from 4",
            Assert.Throws<InputException>(() => Check(recipe)).Message, StringComparison.Ordinal);
        Assert.Contains("has 14 images; 5 shots and 15 queries need 20",
            Assert.Throws<InputException>(() => Check(recipe with { Classes = "0-4" })).Message, StringComparison.Ordinal);
        Assert.Contains("Of the validation: A task of 5 classes can't be drawn from 3",
            Assert.Throws<InputException>(() =>
                Check(Plain with { Method = "student", Validation = new ValidationEpisodes { Classes = "3,6,7" } })).Message,
                    StringComparison.Ordinal);
        Check(Plain with { Method = "student", Validation = new ValidationEpisodes { Classes = "3,6,7", Way = 3 } });
    }

    [Fact]
    public void Parts_without_a_common_store_can_not_be_joined() =>
        Assert.Throws<InvalidOperationException>(() => MadeUpImages.Dataset().Joined([0, 1]));
}
