using System.Diagnostics;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Experiments;

/// <summary>A network file, and the images that it is to be measured on.</summary>
/// <param name="Path">A run folder or a network file.</param>
/// <param name="Recipe">Data, classes, and which training images give centres and neighbours.</param>
internal sealed record NetworkEvaluation(string Path, Recipe Recipe)
{
    /// <summary>Whether the data needn't be those that the network was trained on. Default false.</summary>
    /// <remarks>Then nothing was set aside of them for a test, and without test images all are measured.</remarks>
    public bool OtherData { get; init; }

    /// <summary>The hash of the data that the network was trained on; null where it is unknown.</summary>
    public string? TrainedOn { get; init; }

    /// <summary>Whether the recipe's classes were chosen for the data, not for those that the network was trained on. Default
    /// true.</summary>
    public bool OwnClasses { get; init; } = true;

    /// <summary>Measures the network.</summary>
    /// <inheritdoc cref="Look"/>
    public NetworkMeasures Run(IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default)
    {
        using var look = Look(formats, cancel);
        return look.Measures;
    }

    /// <summary>Asks the network about each image.</summary>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>All that it says; the caller disposes it.</returns>
    /// <exception cref="InputException">The network or the data can't be used, or the network doesn't know a class.</exception>
    public NetworkLook Look(IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default)
    {
        var machine = Machine.Resolve(Recipe);
        machine.Take();
        var place = Teacher.Find(Path, formats: formats);
        var opened = Teacher.Open(place, machine.Networks, formats);
        Readings? seen = null, tested = null;
        try
        {
            var watch = Stopwatch.StartNew();
            var options = Recipe.DataOptions with { LeastClasses = 1 };
            var data = DataCatalog.Load(Recipe.Data, IsElsewhere(opened) ? options with { TestPart = 0 } : options, cancel);
            var reading = new Pace(data.Count, watch.Elapsed.TotalSeconds);
            var notes = data.Notes.Concat(opened.Notes).ToList();
            var (examples, measured, part) = Images(data, opened, notes, cancel);
            if (opened.Input?.Resizes($"The network '{Path}'", data.Train.Store.ViewShape) is { } resizes) notes.Add(resizes);
            if (examples.Count == 0)
                notes.Add("There are no training images to compare with, so nearest class mean and nearest neighbour are left out.");
            watch.Restart();
            seen = Read(opened, examples, cancel);
            tested = Read(opened, measured, cancel);
            var classifies = Classifies(opened, measured.ClassNames);
            var result = classifies ? Evaluator.Of(seen, tested, tested.Logits, cancel)
                : OfMeans(seen, tested, measured.Classes, notes, cancel);
            var temperature = classifies ? Calibration.Beside(place.File, place.Hash)?.Temperature : null;
            var measures = new NetworkMeasures(result, part, ClassResult.Of(result.Right, measured), notes, reading,
                new Pace(examples.Count + measured.Count, watch.Elapsed.TotalSeconds))
                { Probabilities = classifies ? Honesty.Of(tested, temperature) : null };
            return new NetworkLook(opened, data, examples, measured, seen, tested, measures);
        }
        catch
        {
            seen?.Dispose();
            tested?.Dispose();
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Whether the data may be others than those that a network of ours was trained on.</summary>
    private bool IsElsewhere(Teacher opened) => OtherData && opened.IsNetwork;

    private static Readings Read(Teacher opened, ImageSet set, CancellationToken cancel) => opened.IsNetwork
        ? NetworkReader.Read(opened.Trained.Network, set, cancel) : TeacherReader.Read(opened.Teach(), set, cancel);

    /// <summary>Measures what has no classifier of the classes by the class means of its embeddings.</summary>
    private EvaluationResult OfMeans(Readings seen, Readings tested, int classes, List<string> notes, CancellationToken cancel)
    {
        if (seen.Labels.shape[0] == 0)
            throw new InputException($"'{Path}' has no classifier of these classes, so that it is measured by the class means of training "
                + $"images, and '{Recipe.Data}' has none. Name data with training and test images.");
        notes.Add($"'{Path}' has no classifier of these classes: top-1 and top-5 are those of the class means of {seen.Labels.shape[0]} "
            + "training images.");
        using var means = new ClassMeansClassifier().Fit(seen, seen, classes, cancel);
        using var scores = means.Scores(tested.Embeddings, cancel);
        return Evaluator.Of(seen, tested, scores, cancel);
    }

    /// <summary>Whether something has a classifier that knows all of some classes; of a network of ours it is expected.</summary>
    private static bool Classifies(Teacher opened, IEnumerable<string> classNames) => opened.IsNetwork
        || (opened.Teach().Provides.HasFlag(Needs.Logits) && !classNames.Except(opened.ClassNames).Any());

    /// <summary>The images that centres and neighbours are taken from, and those that are measured, labelled as the network
    /// does.</summary>
    /// <remarks>What has no classifier of them is measured by its embedding, and they are labelled as the data do.</remarks>
    private (ImageSet Examples, ImageSet Measured, MeasuredPart Part) Images(
        Dataset data, Teacher opened, List<string> notes, CancellationToken cancel)
    {
        IReadOnlyList<string> known = opened.ClassNames;
        IReadOnlyList<int> classes;
        if (opened.IsNetwork)
        {
            classes = Classes(data, known, notes);
        }
        else
        {
            classes = ClassSpec.Parse(Recipe.Classes).Resolve(data, 1);
            List<string> names = [.. classes.Select(c => data.Train.ClassNames[c])];
            if (!Classifies(opened, names)) known = names;
        }
        if (IsElsewhere(opened)) data = AsTrained(data, notes, cancel);
        var part = MeasuredPart.Test;
        if (data.Test.Count == 0 && data.Validation is { } validation)
            (data, part) = (data with { Test = validation, Validation = null }, MeasuredPart.Validation);
        if (data.Test.Count == 0)
        {
            var all = data.Train.OfClasses(classes).Among(known);
            notes.Add($"'{Recipe.Data}' has no test images, and the network wasn't trained on a part of it: "
                + $"all {all.Count} images are measured.");
            return (all.At([]), all, MeasuredPart.All);
        }
        var images = RunImages.Select(Recipe with { Validation = null, HoldOut = Recipe.HeldOutPart }, data, classes);
        return (images.Train.Among(known), images.Test.Among(known), part);
    }

    /// <summary>The classes that are measured, all of which the network knows.</summary>
    private IReadOnlyList<int> Classes(Dataset data, IReadOnlyList<string> known, List<string> notes)
    {
        List<string> Names(IEnumerable<int> classes) => [.. classes.Select(c => data.Train.ClassNames[c])];
        var classes = Chosen(data, chosen => Names(chosen).Except(known).Any());
        var names = Names(classes);
        if (names.Except(known).ToList() is [var foreign, ..] unknown)
            throw new InputException($"Of the classes of '{Recipe.Data}' the network '{Path}' doesn't know {ClassRelation.Some(unknown)}."
                + $"{NearestName.Hint(foreign, known.Except(names))} It knows {ClassRelation.Some(known)}. "
                + "Rename them, or choose those that it knows with --classes.");
        if (!OwnClasses && classes.Count < data.Train.Classes)
            notes.Add($"Of the {data.Train.Classes} classes of '{Recipe.Data}' the {classes.Count} are measured "
                + $"that the network's run chose, '{Recipe.Classes}'.");
        if (known.Except(names).ToList() is { Count: > 0 } absent)
            notes.Add($"The images are of {names.Count} of the network's {known.Count} classes. It may still answer with the others: "
                + $"{ClassRelation.Some(absent)}.");
        return classes;
    }

    /// <summary>The classes that the recipe names, or all where a run's own choice makes no sense in other data.</summary>
    private IReadOnlyList<int> Chosen(Dataset data, Func<IReadOnlyList<int>, bool> makesNoSense)
    {
        var spec = ClassSpec.Parse(Recipe.Classes);
        if (OwnClasses) return spec.Resolve(data, 1);
        try
        {
            if (spec.Resolve(data, 1) is var classes && !makesNoSense(classes)) return classes;
        }
        catch (InputException)
        {
            // They have other classes.
        }
        return [.. Enumerable.Range(0, data.Train.Classes)];
    }

    /// <summary>The data as the network's run divided them, where they are the same ones elsewhere.</summary>
    private Dataset AsTrained(Dataset data, List<string> notes, CancellationToken cancel)
    {
        if (TrainedOn is null || data.Test.Count > 0) return data;
        var (train, test) = data.Train.HoldOut(new DataOptions().TestPart, seed: 0);
        if (DatasetHash.Of(cancel, train, data.Validation, test) != TrainedOn) return data;
        notes.Add($"The network was trained on a part of these images; the other {test.Count} are measured.");
        return data with { Train = train, Test = test };
    }
}

/// <summary>Which images of the data were measured.</summary>
internal enum MeasuredPart { Test, Validation, All }

/// <summary>What a network makes of some images.</summary>
/// <param name="Result">All of them.</param>
/// <param name="Part">Which they are.</param>
/// <param name="Classes">How it does on each class, the worst first.</param>
/// <param name="Notes">Remarks for the user.</param>
/// <param name="Reading">How fast the data were read.</param>
/// <param name="Measuring">How fast the network saw them.</param>
internal sealed record NetworkMeasures(EvaluationResult Result, MeasuredPart Part, IReadOnlyList<ClassResult> Classes,
    IReadOnlyList<string> Notes, Pace Reading, Pace Measuring)
{
    /// <summary>How honest the probabilities are; null where there are none.</summary>
    public required Honesty? Probabilities { get; init; }
}
