using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Experiments;

/// <summary>Makes the probabilities of a run's network honest, by the images that the run held out.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Recipe">Its recipe.</param>
internal sealed record NetworkCalibration(string Run, Recipe Recipe)
{
    /// <summary>Images of other classes, as data are named; null takes the data's own other classes.</summary>
    public string? Others { get; init; }

    /// <summary>Calibrates a network and writes what was found beside its file; nothing where no images are held out.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">The run's images.</param>
    /// <param name="tested">What the network makes of the test images.</param>
    /// <param name="data">Name of the data.</param>
    /// <param name="file">The network's file.</param>
    /// <param name="cancel">Stops it.</param>
    public static void Make(
        EmbeddingNetwork network, RunImages images, Readings tested, string data, string file, CancellationToken cancel) =>
        Write(network, images.HeldOut, tested, (images.Others, $"other classes of {data}"), file, FileHash.Of(file), cancel);

    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What was found and written.</returns>
    /// <exception cref="InputException">The run or its data can't be used, or it held out no images.</exception>
    public Calibration Do(IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var machine = Machine.Resolve(Recipe);
        machine.Take();
        var place = Teacher.Find(Run, "network", formats);
        var data = DataCatalog.Load(Recipe.Data, Recipe.DataOptions, cancel);
        var images = RunImages.Select(Recipe with { Validation = null }, data);
        if (images.HeldOut.Count == 0)
            throw new InputException($"The run in '{Run}' held out no images, and without some there is nothing to calibrate on: "
                + "train it with --hold-out above 0.");
        var others = (images.Others, $"other classes of {data.Name}");
        if (Others is { } named)
        {
            var foreign = DataCatalog.Load(named, Recipe.DataOptions, cancel);
            var set = foreign.Test.Count > 0 ? foreign.Test : foreign.Train;
            if (set.ClassNames.Intersect(images.Train.ClassNames).ToList() is { Count: > 0 } both)
                throw new InputException($"'{named}' has images of classes that the network knows: {ClassRelation.Some(both)}. "
                    + "Leave them out: none of these must be right.");
            others = (RunImages.Spread(set, Enumerable.Range(0, set.Count)), foreign.Name);
        }
        using var opened = Teacher.Open(place, machine.Networks, formats);
        var network = opened.Trained.Network;
        if (!opened.ClassNames.SequenceEqual(images.Train.ClassNames))
            throw new InputException($"The network in '{Run}' has other classes than its recipe names.");
        using var tested = NetworkReader.Read(network, images.Test, cancel);
        return Write(network, images.HeldOut, tested, others, place.File, place.Hash, cancel)!;
    }

    private static Calibration? Write(EmbeddingNetwork network, ImageSet heldOut, Readings tested, (ImageSet Set, string What) others,
        string file, string hash, CancellationToken cancel)
    {
        if (heldOut.Count == 0) return null;
        using var held = NetworkReader.Read(network, heldOut, cancel);
        using var foreign = NetworkReader.Read(network, others.Set, cancel);
        var calibration = Calibration.Of(hash, held, tested, (foreign, others.What));
        calibration.Save(Path.Combine(Path.GetDirectoryName(file)!, Calibration.NameInRun));
        return calibration;
    }
}
