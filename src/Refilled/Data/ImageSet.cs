using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>Labelled images. Subsets share the pixels of their source.</summary>
public sealed class ImageSet
{
    /// <summary>The class that all unlabelled images are of.</summary>
    internal const string NoClass = "(unlabelled)";

    /// <inheritdoc cref="ImageSet"/>
    /// <param name="store">The pixels of the whole source.</param>
    /// <param name="sampleIds">Which of them are in the set, <c>[N]</c>.</param>
    /// <param name="labels">The class of each, <c>[N]</c>, in 0 … classes-1.</param>
    /// <param name="classNames">The name of each class.</param>
    /// <exception cref="ArgumentException">Lengths differ, or an id or label is out of range.</exception>
    public ImageSet(ImageStore store, IReadOnlyList<long> sampleIds, IReadOnlyList<int> labels, IReadOnlyList<string> classNames)
    {
        if (sampleIds.Count != labels.Count)
            throw new ArgumentException($"{sampleIds.Count} images, but {labels.Count} labels.", nameof(labels));
        if (sampleIds.Any(id => id < 0 || id >= store.Count))
            throw new ArgumentException("A sample id lies outside the store.", nameof(sampleIds));
        if (labels.Any(label => label < 0 || label >= classNames.Count))
            throw new ArgumentException("A label lies outside the classes.", nameof(labels));
        (Store, SampleIds, Labels, ClassNames) = (store, sampleIds, labels, classNames);
    }

    /// <summary>The pixels of the whole source.</summary>
    public ImageStore Store { get; }

    /// <summary>Indices into the store, <c>[N]</c>.</summary>
    public IReadOnlyList<long> SampleIds { get; }

    /// <summary>Classes of the images, <c>[N]</c>, in 0 … <see cref="Classes"/>-1.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The name of each class.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The subject of each image of the store, such as an object, burst or person; null where each is alone.</summary>
    internal IReadOnlyList<int>? SubjectOf { get; init; }

    /// <summary>Whether the labels mean anything. Default true; unlabelled images are all of one class, which stands for any.</summary>
    internal bool IsLabelled { get; init; } = true;

    /// <summary>Number of images, N.</summary>
    public int Count => SampleIds.Count;

    /// <summary>Number of classes.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>How views are mixed with those of other images of this very set; null where they aren't.</summary>
    internal Mixing? Mixing { get; private init; }

    /// <summary>Those other images; null where views aren't mixed.</summary>
    /// <remarks>Made twice where two threads ask at once: the same either way.</remarks>
    internal Partners? Partners => Mixing is null ? null : field ??= new Partners(this, Mixing);

    /// <summary>The images of some classes, relabelled 0, 1, … in the order given.</summary>
    /// <exception cref="InputException">A class has no images.</exception>
    /// <exception cref="ArgumentException">A class isn't in the set or stands twice.</exception>
    public ImageSet OfClasses(IReadOnlyList<int> classes)
    {
        if (classes.Any(c => c < 0 || c >= Classes))
            throw new ArgumentException($"A class lies outside 0 to {Classes - 1}.", nameof(classes));
        if (classes.Distinct().Count() != classes.Count) throw new ArgumentException("A class stands twice.", nameof(classes));
        var rank = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var positions = Enumerable.Range(0, Count).Where(i => rank.ContainsKey(Labels[i])).ToList();
        var set = new ImageSet(Store, [.. positions.Select(i => SampleIds[i])], [.. positions.Select(i => rank[Labels[i]])],
            [.. classes.Select(c => ClassNames[c])]) { SubjectOf = SubjectOf, Mixing = Mixing };
        var empty = Enumerable.Range(0, set.Classes).Except(set.Labels).ToList();
        return empty.Count == 0
            ? set
            : throw new InputException($"{(empty.Count == 1 ? "The class" : $"{empty.Count} classes, among them")} "
                + $"'{set.ClassNames[empty[0]]}' {(empty.Count == 1 ? "has" : "have")} no images; leave it out of --classes.");
    }

    /// <summary>The same images, their classes found by name among others.</summary>
    /// <exception cref="ArgumentException">A class isn't among them.</exception>
    internal ImageSet Among(IReadOnlyList<string> classNames)
    {
        var rank = classNames.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        if (ClassNames.FirstOrDefault(name => !rank.ContainsKey(name)) is { } absent)
            throw new ArgumentException($"The class '{absent}' isn't among them.", nameof(classNames));
        return new(Store, SampleIds, [.. Labels.Select(label => rank[ClassNames[label]])], classNames) { SubjectOf = SubjectOf };
    }

    /// <summary>The images at some positions of this set, in the order given.</summary>
    public ImageSet At(IReadOnlyList<int> positions) =>
        new(Store, [.. positions.Select(i => SampleIds[i])], [.. positions.Select(i => Labels[i])], ClassNames)
            { SubjectOf = SubjectOf, Mixing = Mixing, IsLabelled = IsLabelled };

    /// <summary>The same images, with views that vary otherwise; null is the usual of their size.</summary>
    /// <remarks>Where they are mixed, the partners are images of the set that the views are drawn from, be it this one or a part of it.
    /// </remarks>
    public ImageSet With(Augmentation? augmentation) => augmentation is null ? this
        : new(Store.With(augmentation.Over(Store.Policy)), SampleIds, Labels, ClassNames)
            { SubjectOf = SubjectOf, Mixing = augmentation.Mixing, IsLabelled = IsLabelled };

    /// <summary>The same images, with nobody knowing what they are.</summary>
    internal ImageSet Unlabelled() => new(Store, SampleIds, new int[Count], [NoClass]) { Mixing = Mixing, IsLabelled = false };

    /// <summary>Draws a view of one of the images, mixed where its number says so.</summary>
    /// <param name="view">Which.</param>
    /// <param name="target">Receives the pixels, planar.</param>
    /// <returns>What it is mixed with; null where it isn't.</returns>
    /// <exception cref="InvalidOperationException">It is to be mixed, and the set mixes none.</exception>
    internal Mix? Draw(View view, Span<byte> target)
    {
        Store.Draw(view.Plain, target);
        if (!view.IsMixed) return null;
        return (Partners ?? throw new InvalidOperationException($"This set has no mixed views, such as {view.Number}."))
            .MixInto(view.Plain, target);
    }

    /// <summary>The first <paramref name="count"/> images of each class in seeded order: fewer are a part of more.</summary>
    /// <exception cref="InputException">A class has fewer.</exception>
    public ImageSet TakePerClass(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var taken = new List<int>();
        foreach (var (label, positions) in ByClass(seed, SeedStream.TakePerClass))
        {
            if (positions.Count < count)
                throw new InputException($"{count} images per class were asked for, but the class '{ClassNames[label]}' "
                    + $"has {positions.Count}.");
            taken.AddRange(positions.Take(count));
        }
        taken.Sort();
        return At(taken);
    }

    /// <summary>Splits off a part of each class, in seeded order; images of one subject stay together.</summary>
    /// <remarks>The rounded fraction, but at least one image of every class that has two, where the fraction isn't 0; of whole subjects
    /// about as many. A class of a single subject isn't divided.</remarks>
    /// <exception cref="InputException">A class would be left without training images.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The fraction isn't from 0 to 1.</exception>
    public (ImageSet Train, ImageSet HeldOut) HoldOut(double fraction, int seed)
    {
        if (!(fraction >= 0 && fraction <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "It must be from 0 to 1.");
        var heldOut = new HashSet<int>();
        var wanted = new int[Classes];
        foreach (var (label, positions) in ByClass(seed, SeedStream.HoldOut))
        {
            var count = fraction == 0 || positions.Count < 2
                ? 0
                : Math.Max(1, (int)Math.Round(fraction * positions.Count, MidpointRounding.AwayFromZero));
            if (count >= positions.Count && positions.Count > 0)
                throw new InputException($"Holding out {fraction:P0} leaves the class '{ClassNames[label]}' without training images; "
                    + $"it has {positions.Count}.");
            wanted[label] = count;
            heldOut.UnionWith(positions.Take(count));
        }
        if (SubjectOf is not null) heldOut = [.. SubjectDivision.HeldOut(Subjects(seed), Labels, wanted)];
        var all = Enumerable.Range(0, Count).ToLookup(heldOut.Contains);
        return (At([.. all[false]]), At([.. all[true]]));
    }

    /// <summary>Splits off one of several parts, of each class about as many, in seeded order; together they are all.</summary>
    /// <remarks>Images of one subject stay together. A class of a single image or subject is divided by no part: it always trains.
    /// </remarks>
    /// <param name="number">Which part, from 0.</param>
    /// <param name="parts">How many there are, at least two.</param>
    /// <param name="seed">Decides the order.</param>
    internal (ImageSet Train, ImageSet HeldOut) Fold(int number, int parts, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, parts);
        var groups = SubjectOf is null
            ? ByClass(seed, SeedStream.HoldOut).Select(own => (own.Label, own.Positions.Select(i => (IReadOnlyList<int>)[i]).ToList()))
            : Subjects(seed).GroupBy(images => Labels[images[0]]).Select(own => (Label: own.Key, own.ToList()));
        // Small classes begin at different parts, or all would lose their only image in the same ones.
        var heldOut = groups.Where(own => own.Item2.Count > 1)
            .SelectMany(own => own.Item2.Where((_, i) => (i + own.Label) % parts == number)).SelectMany(images => images).ToHashSet();
        var all = Enumerable.Range(0, Count).ToLookup(heldOut.Contains);
        return (At([.. all[false]]), At([.. all[true]]));
    }

    /// <summary>Positions of each subject's images, in seeded order.</summary>
    private List<IReadOnlyList<int>> Subjects(int seed) =>
        [.. Enumerable.Range(0, Count).GroupBy(i => SubjectOf![(int)SampleIds[i]])
            .OrderBy(images => SeedMix.Bits(seed, SeedStream.HoldOut, SampleIds[images.First()]))
            .Select(images => (IReadOnlyList<int>)[.. images])];

    /// <summary>Positions of each class's images, each class in an order of its own.</summary>
    private IEnumerable<(int Label, List<int> Positions)> ByClass(int seed, SeedStream stream)
    {
        var positions = Enumerable.Range(0, Count).ToLookup(i => Labels[i]);
        // By the images' ids, so that the choice doesn't depend on which classes were selected or in what order.
        return Enumerable.Range(0, Classes)
            .Select(label => (label, positions[label].OrderBy(i => SeedMix.Bits(seed, stream, SampleIds[i])).ToList()));
    }
}
