using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Makes a <see cref="Dataset"/> of image files, whatever source they come from.</summary>
/// <remarks>Has them decoded, into memory or a file, and checks that every class has images.</remarks>
/// <param name="Kind">Kind of the data, such as "folder".</param>
/// <param name="Tree">Where the files are.</param>
/// <param name="Files">The files; their order is that of the sample ids.</param>
/// <param name="ClassNames">Names of the classes.</param>
/// <param name="Framing">How they become views.</param>
/// <param name="Options">Whether bad files are left out.</param>
internal sealed record FileDataset(string Kind, FileTree Tree, IReadOnlyList<LabelledFile> Files, IReadOnlyList<string> ClassNames,
    Framing Framing, DataOptions Options)
{
    private const int NamedInMessages = 5;

    /// <summary>Remarks so far; more are added.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether the files' classes mean anything. Default true; else there is one, and no test.</summary>
    public bool IsLabelled { get; init; } = true;

    /// <summary>Groups of classes, or null.</summary>
    public ClassGroups? Groups { get; init; }

    /// <summary>Decodes the images, or reads them from where they were kept.</summary>
    /// <exception cref="InputException">Files can't be decoded, a class has too few images, or memory is short.</exception>
    public Dataset Load(CancellationToken cancel)
    {
        if (IsLabelled && ClassNames.Count < Options.LeastClasses)
            throw new InputException($"'{Tree.Path}' holds {ClassNames.Count} "
                + $"class{(ClassNames.Count == 1 ? $" ('{ClassNames[0]}')" : "es")}; at least two are needed.");
        if (Options.GroupBy is { } rule && SubjectRule.Parse(rule) is { Column: null } pattern)
            return (this with { Files = [.. Files.Select(file => file with { Subject = pattern.Of(file.Name) })],
                Options = Options with { GroupBy = null } }).Load(cancel);
        if (Options.GroupBy is { } column)
            throw new InputException($"group-by: '{column}' is the name of a column, but '{Tree.Path}' has no list of its images. "
                + @"Write a pattern of the files' names with one group in parentheses, such as '([^/]+)_\d+\.jpg$'.");
        var names = Files.Select(file => file.Name).ToList();
        return Cache() is { } cache
            ? cache.Load(Tree, names, Framing, (images, remarks) => Assemble(images, remarks, cancel), cancel)
            : Assemble(FileDecoder.ToMemory(Tree, names, Framing, cancel), [], cancel);
    }

    private Dataset Assemble(DecodedFiles images, IEnumerable<string> remarks, CancellationToken cancel)
    {
        var (store, notes) = (images.Store(Framing), Notes.Concat(remarks).ToList());
        var bad = Enumerable.Range(0, Files.Count).Where(i => images.Reasons[i] is not null)
            .Select(i => new BadFile(Files[i].Name, images.Reasons[i]!)).ToList();
        if (bad.Count > 0)
        {
            var list = string.Join("\n  ", bad.Take(NamedInMessages).Select(file => $"{file.Name} {file.Reason}"))
                + (bad.Count > NamedInMessages ? $"\n  and {bad.Count - NamedInMessages} more" : "");
            if (!Options.SkipBad)
                throw new InputException($"'{Tree.Path}' has {bad.Count} of {Files.Count} images that can't be used:\n  {list}\n"
                    + "Mend or remove them, or leave them out with --skip-bad.");
            notes.Add($"{bad.Count} of {Files.Count} images were left out because they can't be used:\n  {list}");
        }

        var skipped = bad.Select(file => file.Name).ToHashSet();
        var subjects = Subjects();
        ImageSet? Set(Part part)
        {
            if (Files.All(file => file.Part != part)) return null;
            var ids = Enumerable.Range(0, Files.Count).Where(i => Files[i].Part == part && !skipped.Contains(Files[i].Name)).ToList();
            return Checked(part, new ImageSet(store, [.. ids.Select(i => (long)i)], [.. ids.Select(i => Files[i].Label)], ClassNames)
            {
                SubjectOf = subjects, IsLabelled = IsLabelled,
            });
        }
        var (train, validation, test) = (Set(Part.Train)!, Set(Part.Validation), Set(Part.Test));
        if (test is null)
        {
            var single = train.Labels.CountBy(label => label).Where(own => own.Value == 1).Select(own => own.Key).Order().ToList();
            if (Options.TestPart > 0 && single is [var poor, ..])
                throw new InputException($"'{Tree.Path}': the class '{ClassNames[poor]}' has a single "
                    + "image; with no test images given, at least two are needed, one of them for the test.");
            (train, test) = train.HoldOut(Options.TestPart, seed: 0);
            if (Options.TestPart > 0 && Enumerable.Range(0, train.Classes).Except(test.Labels).ToList() is [var whole, ..])
                throw new InputException($"'{Tree.Path}': all images of the class '{ClassNames[whole]}' belong together, so that none "
                    + "can be set aside for the test. Give it test images of its own, or group otherwise.");
            if (test.Count > 0)
                notes.Add($"There are no test images, so {test.Count} of the training images ({Options.TestPart:P0} of each class, "
                    + "always the same ones) are set aside for the test.");
        }
        else if (subjects is not null) notes.AddRange(OnBothSides(train, test, subjects));
        return new Dataset(Kind, train, test, Groups, DatasetHash.Of(cancel, train, validation, test), notes)
        {
            Validation = validation,
            FileNames = [.. Files.Select(file => file.Name)],
            Bad = bad,
            Sizes = SizeRange.Of(images.Originals.Where(shape => shape != default)),
        };
    }

    /// <summary>The number of each file's subject; null where there are none.</summary>
    private int[]? Subjects()
    {
        if (Files.All(file => file.Subject is null)) return null;
        var numbers = new Dictionary<string, int>();
        // One that nobody speaks of is alone.
        return [.. Files.Select((file, i) => numbers.TryAdd(file.Subject ?? "\0" + file.Name, i) ? i : numbers[file.Subject!])];
    }

    /// <summary>A remark on subjects that the source itself has both in training and in test.</summary>
    private IEnumerable<string> OnBothSides(ImageSet train, ImageSet test, int[] subjects)
    {
        var both = train.SampleIds.Select(id => subjects[id]).Intersect(test.SampleIds.Select(id => subjects[id])).ToList();
        if (both.Count > 0)
            yield return $"{both.Count} group{(both.Count == 1 ? "" : "s")} of images that belong together "
                + $"{(both.Count == 1 ? "stands" : "stand")} both in training and in test, such as '{Files[both[0]].Subject}': "
                + "the source itself divides them so.";
    }

    private ImageSet Checked(Part part, ImageSet set)
    {
        var what = part switch { Part.Train => "training", Part.Validation => "validation", _ => "test" };
        var empty = Enumerable.Range(0, set.Classes).Except(set.Labels).Select(c => $"'{set.ClassNames[c]}'").ToList();
        return empty.Count == 0
            ? set
            : throw new InputException($"'{Tree.Path}' has no {what} images "
                + $"of {(empty.Count == 1 ? "the class" : $"{empty.Count} classes, such as")} "
                + $"{string.Join(", ", empty.Take(NamedInMessages))}.");
    }

    /// <summary>Where decoded images are kept on disk; null where they are kept in memory.</summary>
    /// <remarks>All are kept, so the need is known before anything is read.</remarks>
    private DecodedCache? Cache()
    {
        // Photographs are 3:2 or 4:3 as a rule.
        var need = (long)(Files.Count * (double)Framing.ShortSide * Framing.ShortSide * Framing.Channels * (Framing.Square ? 1 : 1.4));
        var available = Options.MemoryBudget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var fits = need <= available * 0.8;
        if (Options.DecodedCache == DecodedCacheMode.Off && !fits)
            throw new InputException($"'{Tree.Path}': {Files.Count} images at {Framing.Size} pixels need about {need >> 20} MiB; "
                + $"{available >> 20} MiB are available. A smaller --image-size needs less, "
                + "and without decoded-cache: off they are kept on disk.");
        if (Options.DecodedCache == DecodedCacheMode.Off || (Options.DecodedCache == DecodedCacheMode.Auto && fits)) return null;
        var folder = Options.CacheFolder ?? CacheFolder.Find()
            ?? throw new InputException($"There is no home folder to keep decoded images in. "
                + $"Set {CacheFolder.Variable} to a folder that can be written.");
        var cache = new DecodedCache(Path.Combine(folder, "decoded"), DecodedKey.Of(Tree, Files, ClassNames, Framing));
        cache.CheckRoom(Tree.Path, need);
        return cache;
    }
}

/// <summary>What names of classes must be, whatever source they come from.</summary>
internal static class ClassNames
{
    /// <summary>Refuses names that stand twice or differ only in case: on some systems, and to most eyes, they are one.</summary>
    /// <param name="path">The source, for the message.</param>
    /// <param name="what">What bears the names: "folders", "labels".</param>
    /// <param name="names">The names.</param>
    /// <param name="place">What stands before each name in the source.</param>
    /// <exception cref="InputException">Two are alike; the message names them.</exception>
    public static void Check(string path, string what, IEnumerable<string> names, string place = "")
    {
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.ToList()
            is not [var first, .. var others])
            return;
        throw new InputException(others.Contains(first)
            ? $"'{path}': two of the {what} are called '{place}{first}'; one class or two? Rename one of them."
            : $"'{path}': the {what} {string.Join(" and ", others.Prepend(first).Select(name => $"'{place}{name}'"))} differ only in case; "
                + "one class or two? Rename one of them.");
    }
}

/// <summary>Images of a source whose text files say which images it has.</summary>
internal static class ListedFiles
{
    /// <summary>A remark on images that lie there but are listed nowhere, and so are not read.</summary>
    /// <param name="tree">Where the files are.</param>
    /// <param name="place">The folder of the images, with its "/".</param>
    /// <param name="files">The files that are listed.</param>
    /// <param name="listing">What lists them: "images.txt".</param>
    public static List<string> NotesOfOthers(FileTree tree, string place, IEnumerable<LabelledFile> files, string listing)
    {
        var listed = files.Select(file => file.Name).ToHashSet();
        var others = tree.Within(place).Where(name => ImageDecoder.IsImage(name) && !listed.Contains(name)).ToList();
        return others.Count == 0
            ? []
            : [$"Not listed in {listing}, and so not read: {others.Count} image{(others.Count == 1 ? "" : "s")}, such as {others[0]}."];
    }
}
