using System.Buffers.Binary;
using System.Security.Cryptography;
using Refilled.Data;

namespace Refilled.Experiments;

/// <summary>The images without labels that a recipe names.</summary>
/// <param name="Images">The images.</param>
/// <param name="Hash">SHA-256 (hex) of their content; null where they are of the labelled ones' source.</param>
/// <param name="Notes">Remarks for the user.</param>
internal sealed record UnlabelledData(ImageSet Images, string? Hash, IReadOnlyList<string> Notes)
{
    /// <summary>The recipe's word for the training images that it leaves.</summary>
    public const string Rest = "rest";

    /// <summary>Reads them.</summary>
    /// <param name="recipe">The recipe, which names some.</param>
    /// <param name="images">What it takes of the labelled ones.</param>
    /// <param name="read">What lies at their place, where it was read already.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">They can't be used, or there are none.</exception>
    public static UnlabelledData Load(Recipe recipe, RunImages images, Dataset? read, CancellationToken cancel) =>
        recipe.Unlabelled == Rest ? OfRest(recipe, images) : OfPlace(recipe, images, read ?? Read(recipe, images, cancel)!);

    /// <summary>Reads what lies at their place, once for several runs; null where the recipe names none.</summary>
    /// <inheritdoc cref="Load"/>
    public static Dataset? Read(Recipe recipe, RunImages images, CancellationToken cancel) => recipe.Unlabelled is null or Rest ? null
        : DataCatalog.LoadUnlabelled(recipe.Unlabelled, images.Train.Store.ViewShape.Height, recipe.DataOptions, cancel);

    private static UnlabelledData OfRest(Recipe recipe, RunImages images) => images.Rest.Count > 0
        ? new(images.Rest.Unlabelled().With(recipe.Augmentation), null, [])
        : throw new InputException($"unlabelled: nothing is left of the training images beside {recipe.ImagesPerClass} of each class. "
            + "Take fewer images per class, or name a folder.");

    private static UnlabelledData OfPlace(Recipe recipe, RunImages images, Dataset read)
    {
        var store = images.Train.Store;
        if (read.Train.Store.ViewShape != store.ViewShape)
            throw new InputException($"The unlabelled images of '{recipe.Unlabelled}' are seen at {read.Train.Store.ViewShape}, but those "
                + $"of '{recipe.Data}' at {store.ViewShape}. Give both the same size with --image-size.");
        var seen = new HashSet<UInt128>(from part in new[] { images.Test, images.HeldOut }
                                        from id in part.SampleIds
                                        select Pixels(part.Store, id));
        var kept = Enumerable.Range(0, read.Train.Count)
            .Where(i => !seen.Contains(Pixels(read.Train.Store, read.Train.SampleIds[i]))).ToList();
        var left = read.Train.Count - kept.Count;
        if (kept.Count == 0)
            throw new InputException($"All {left} images of '{recipe.Unlabelled}' are test or held-out images of '{recipe.Data}', which a "
                + "student must not see. Name other images.");
        IEnumerable<string> of = left == 0 ? []
            : [$"{left} of the {read.Train.Count} unlabelled images are test or held-out images, and are left out."];
        return new(read.Train.At(kept).With(recipe.Augmentation), read.Hash, [.. read.Notes, .. of]);
    }

    /// <summary>A picture's pixels as one number, at the size that they are kept in.</summary>
    private static UInt128 Pixels(ImageStore store, long id)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var shape = store.ShapeOf(id);
        hash.AppendData([.. BitConverter.GetBytes(shape.Height), .. BitConverter.GetBytes(shape.Width)]);
        store.AppendTo(hash, id);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}
