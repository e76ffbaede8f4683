using Refilled.Data;
using Refilled.FewShot;

namespace Refilled.Experiments;

/// <summary>The images of a run.</summary>
/// <param name="Train">Those that are trained on.</param>
/// <param name="HeldOut">Those of the same classes that choose the best epoch; may be empty.</param>
/// <param name="Test">Those of the same classes that are read once, at the end.</param>
/// <param name="Validation">Tasks over other classes that choose the best epoch; null where there are none.</param>
internal sealed record RunImages(ImageSet Train, ImageSet HeldOut, ImageSet Test, ValidationTasks? Validation)
{
    /// <summary>Images of other classes that are read once, at the end.</summary>
    private const int MostOthers = 1000;

    /// <summary>Some images of classes that the run doesn't learn, their labels without a meaning; may be empty.</summary>
    public required ImageSet Others { get; init; }

    /// <summary>What a number of images per class leaves of the training images; empty where all are taken.</summary>
    public required ImageSet Rest { get; init; }

    /// <summary>The part of each class that is the test where a source's parts are joined.</summary>
    private const double TestPart = 0.1;

    /// <summary>The images that a recipe names.</summary>
    /// <exception cref="InputException">They can't be had: a class is missing or has too few, or the validation's are trained
    /// on.</exception>
    public static RunImages Select(Recipe recipe, Dataset data) => Select(recipe, data, ClassSpec.Parse(recipe.Classes).Resolve(data));

    /// <summary>As <see cref="Select(Recipe, Dataset)"/>, with its classes in an order of one's own.</summary>
    public static RunImages Select(Recipe recipe, Dataset data, IReadOnlyList<int> classes)
    {
        var (all, test) = recipe.JoinTest
            ? data.Joined(classes).HoldOut(TestPart, recipe.Seeds.HoldOut) : (data.Train.OfClasses(classes), data.Test.OfClasses(classes));
        var whole = all;
        if (recipe.ImagesPerClass is { } count) all = all.TakePerClass(count, recipe.Seeds.HoldOut);
        var taken = all.SampleIds.ToHashSet();
        var (train, heldOut) = !recipe.JoinTest && data.Validation is { } part
            ? (all, part.OfClasses(classes))
            : recipe.Fold is { } text && HoldOutFold.Parse(text) is var fold
            ? all.Fold(fold.Number, fold.Parts, unchecked(recipe.Seeds.HoldOut + 1_000_003 * fold.Seed))
            : all.HoldOut(recipe.HeldOutPart, recipe.Seeds.HoldOut);
        return new RunImages(train.With(recipe.Augmentation), heldOut, test, recipe.Validation is { } validation
            ? Tasks(recipe, validation, data, train.ClassNames) : null)
            {
                Others = Spread(data.Test, Enumerable.Range(0, data.Test.Count).Where(i => !classes.Contains(data.Test.Labels[i]))),
                Rest = whole.At([.. Enumerable.Range(0, whole.Count).Where(i => !taken.Contains(whole.SampleIds[i]))]),
            };
    }

    /// <summary>At most <see cref="MostOthers"/> of some images, evenly spread over their order, which goes by class.</summary>
    public static ImageSet Spread(ImageSet set, IEnumerable<int> positions)
    {
        var all = positions.OrderBy(i => set.Labels[i]).ToList();
        return set.At([.. Evenly.Places(all.Count, MostOthers).Select(i => all[i])]);
    }

    private static ValidationTasks Tasks(Recipe recipe, ValidationEpisodes validation, Dataset data, IReadOnlyList<string> trained)
    {
        var classes = ClassSpec.Parse(validation.Classes).Resolve(data);
        // A source's test images stay unseen, except where its parts are one.
        var set = recipe.JoinTest ? data.Joined(classes) : data.Train.OfClasses(classes);
        if (set.ClassNames.Intersect(trained).ToList() is { Count: > 0 } both)
            throw new InputException($"The validation's classes '{validation.Classes}' and the training's '{recipe.Classes}' must not "
                + $"overlap, but they share {ClassRelation.Some(both)}: tasks of known classes say nothing about new ones. "
                + "Choose other classes for one of them.");
        return new ValidationTasks(set, validation.Shape) { Count = validation.Tasks, Seed = recipe.Seeds.HoldOut };
    }
}
