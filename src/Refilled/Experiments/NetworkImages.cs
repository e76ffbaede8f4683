using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;

namespace Refilled.Experiments;

/// <summary>Images for a network that is trained already: those of its run, or others of its classes.</summary>
/// <param name="Data">Name of the data.</param>
/// <param name="Train">Images that it was trained on, or could be.</param>
/// <param name="Test">Test images, labelled as the network does.</param>
internal sealed record NetworkImages(string Data, ImageSet Train, ImageSet Test)
{
    /// <summary>The images that a recipe names, in views of the network's size.</summary>
    /// <param name="recipe">The run's recipe, or one with other data.</param>
    /// <param name="input">What the network wants to see.</param>
    /// <param name="classNames">The network's classes.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">The data can't be used, have no views of that size, or have other classes.</exception>
    public static NetworkImages Of(Recipe recipe, InputSpec input, IReadOnlyList<string> classNames, CancellationToken cancel)
    {
        var data = DataCatalog.Load(recipe.Data, recipe.DataOptions with { ImageSize = input.Height }, cancel);
        if (data.Train.Store.ViewShape is var shape && (shape.Height, shape.Width) != (input.Height, input.Width))
            throw new InputException($"The images of '{recipe.Data}' have {shape.Width}×{shape.Height} pixels, and the network wants "
                + $"{input.Width}×{input.Height}.");
        var images = RunImages.Select(recipe with { Validation = null }, data);
        if (images.Train.ClassNames.Except(classNames).ToList() is { Count: > 0 } unknown)
            throw new InputException($"The network doesn't know {ClassRelation.Some(unknown)} of '{recipe.Data}'; "
                + "choose the classes that it knows with --classes.");
        return new NetworkImages(data.Name, images.Train.Among(classNames), images.Test.Among(classNames));
    }

    /// <summary>The evaluation views of some images, evenly spread over a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="most">At most so many.</param>
    /// <returns>Pixels, planar, and the class of each.</returns>
    public static IReadOnlyList<(byte[] Pixels, int Label)> Views(ImageSet set, int most)
    {
        int[] places = [.. Evenly.Places(set.Count, most)];
        var views = new (byte[] Pixels, int Label)[places.Length];
        Parallel.For(0, places.Length, i =>
        {
            var place = places[i];
            var pixels = new byte[set.Store.ViewShape.Bytes];
            set.Store.Draw(new View(0, set.SampleIds[place], View.Evaluation), pixels);
            views[i] = (pixels, set.Labels[place]);
        });
        return views;
    }
}
