namespace Refilled.Data.Sources;

/// <summary>Where in a folder of images the parts and the classes lie.</summary>
/// <param name="Root">The place that holds everything: "" or a folder with its "/".</param>
/// <param name="Places">The place of each part; without parts the root alone, as training images.</param>
/// <param name="Beside">Folders beside the parts, which are not read.</param>
/// <param name="Depth">How many folders name a class.</param>
/// <param name="Notes">Remarks for the user.</param>
internal sealed record FolderLayout(
    string Root, IReadOnlyList<(string Place, Part Part)> Places, IReadOnlyList<string> Beside, int Depth, IReadOnlyList<string> Notes)
{
    private const int NamedInMessages = 3;

    private static readonly HashSet<string> Pictures = Words("images image imgs img jpegimages pictures photos");
    private static readonly HashSet<string> Remarks = Words(
        "annotations annotation labels label masks mask trimaps segmentations xmls xml json bboxes attributes parts gt ground_truth");

    /// <summary>Finds it.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="depth">How many folders name a class; null takes one, where nothing speaks against it.</param>
    /// <exception cref="InputException">What looks like parts or classes can't be that; the message says what to do.</exception>
    public static FolderLayout Find(ImageTree tree, int? depth)
    {
        var path = tree.Tree.Path;
        var root = RootOf(tree, depth);
        var tops = tree.Folders(root);
        var parts = PartsAmong(tree, root, tops);
        if (parts.Count > 0)
        {
            ClassNames.Check(path, "folders", parts, root);
            if (parts.GroupBy(PartNames.Of).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new InputException($"'{path}': {Listed(twice)} look like one part of the data. Rename one of them, or put them "
                    + "together.");
            if (parts.All(top => PartNames.Of(top) != Part.Train))
                throw new InputException($"'{path}' has {string.Join(" and ", parts)}, but no train.");
        }
        var places = parts.Count == 0 ? [(root, Part.Train)]
            : parts.Select(top => (Place: Inner(tree, $"{root}{top}/"), Part: PartNames.Of(top)!.Value)).ToList();
        var notes = new List<string>();
        var above = root[..(root.TrimEnd('/').LastIndexOf('/') + 1)];
        if (root.Length > 0 && tree.Folders(above).FirstOrDefault(top => $"{above}{top}/" != root) is { } beside)
            notes.Add($"What lies beside '{root.TrimEnd('/')}' isn't read, such as '{above}{beside}'.");
        if (depth is null)
        {
            if (parts.Count == 0) CheckAlike(tree, root, tops);
            foreach (var (place, part) in places)
                if (part == Part.Train && Deeper(tree, place) is { } note) notes.Add(note);
        }
        return new FolderLayout(root, places, parts.Count > 0 ? [.. tops.Except(parts)] : [], depth ?? 1, notes);
    }

    /// <summary>The classes of a place: its folders, at the depth that names a class.</summary>
    public IReadOnlyList<string> ClassesOf(ImageTree tree, string place) => At(tree, place, "", Depth);

    /// <summary>Whether every part has folders of images, as classes are.</summary>
    public bool HasClasses(ImageTree tree) =>
        Places.All(one => ClassesOf(tree, one.Place).Count(name => tree.Images($"{one.Place}{name}/").Any()) > 1);

    private static List<string> At(ImageTree tree, string place, string name, int depth) => depth == 0 ? [name]
        : [.. tree.Folders($"{place}{name}{(name.Length > 0 ? "/" : "")}")
            .SelectMany(folder => At(tree, place, name.Length > 0 ? $"{name}/{folder}" : folder, depth - 1))];

    /// <summary>Archives often hold one folder that holds everything, and maybe a file that says so.</summary>
    private static string RootOf(ImageTree tree, int? depth)
    {
        var root = "";
        while (!tree.HasImages(root))
        {
            var tops = tree.Folders(root);
            if (tops is { Count: 1 } && tops.First() is var only && PartNames.Of(only) is null && tree.Folders($"{root}{only}/").Count > 0)
                root += only + "/";
            else if (depth is null && PicturesBesideRemarks(tree, root, tops) is { } pictures) root += pictures + "/";
            else break;
        }
        return root;
    }

    /// <summary>The folder of pictures beside folders that only say something of them; null where there is none.</summary>
    /// <exception cref="InputException">It has no classes.</exception>
    private static string? PicturesBesideRemarks(ImageTree tree, string root, IReadOnlyCollection<string> tops)
    {
        if (tops.Count < 2 || tops.Where(Pictures.Contains).ToList() is not [var pictures]
            || !tops.All(top => top == pictures || Remarks.Contains(top)))
            return null;
        return tree.FoldersOfImages($"{root}{pictures}/").Skip(1).Any() ? pictures
            : throw new InputException($"'{tree.Tree.Path}': {Listed(tops)} look like pictures and what is said of them, not like classes. "
                + "Make a folder of images for each class, or a list.csv with the columns file and label beside them; or, if they are the "
                + "classes, say so with --depth 1.");
    }

    /// <summary>Those of the folders that are parts of the data, training first; none where the classes lie side by side.</summary>
    /// <remarks>A train may be a vehicle: beside other folders, one that holds images itself is a class.</remarks>
    private static List<string> PartsAmong(ImageTree tree, string root, IReadOnlyCollection<string> tops)
    {
        var parts = tops.Where(top => PartNames.Of(top) is not null).OrderBy(top => PartNames.Of(top)).ToList();
        return parts.Count < tops.Count && parts.Any(top => tree.HasImages($"{root}{top}/")) ? [] : parts;
    }

    /// <summary>A folder that holds nothing but one of its own name, or of the same part, is that one.</summary>
    private static string Inner(ImageTree tree, string place)
    {
        while (!tree.HasImages(place) && tree.Folders(place) is { Count: 1 } inner && Same(inner.First(), NameOf(place)))
            place += inner.First() + "/";
        return place;
    }

    private static bool Same(string inner, string outer) => inner.Equals(outer, StringComparison.OrdinalIgnoreCase)
        || (PartNames.Of(inner) is { } part && part == PartNames.Of(outer));

    /// <summary>Refuses "classes" that hold the same folders: those are the classes, and these are parts of the data.</summary>
    private static void CheckAlike(ImageTree tree, string root, IReadOnlyCollection<string> tops)
    {
        var alike = tops.Select(top => (Top: top, Within: Within(tree, $"{root}{top}/"))).Where(one => one.Within.Count > 1)
            .GroupBy(one => string.Join('/', one.Within)).Where(group => group.Count() > 1).MaxBy(group => group.Count());
        if (alike is null) return;
        throw new InputException($"'{tree.Tree.Path}': {Listed(alike.Select(one => root + one.Top))} hold the same folders "
            + $"({Listed(alike.First().Within)}), so they look like parts of the data and not like classes. Call them {PartNames.Known}, "
            + "or name one of them; or, if they are the classes, say so with --depth 1, or with --depth 2 if each folder in them is a "
            + "class of its own.");
    }

    /// <summary>A remark on classes that hold no images themselves, but several folders of them.</summary>
    private static string? Deeper(ImageTree tree, string place)
    {
        var deep = tree.Folders(place).Where(top => Within(tree, $"{place}{top}/").Count > 1).ToList();
        if (deep.Count == 0) return null;
        var within = Within(tree, $"{place}{deep[0]}/");
        var count = tree.Folders(place).Sum(top => Within(tree, $"{place}{top}/").Count);
        return $"The images lie one folder deeper: '{place}{deep[0]}' holds no images itself but {within.Count} folders of them "
            + $"({Listed(within)}). All of '{deep[0]}' is one class; if each of the {count} folders there is a class, "
            + $"say --depth 2, and it is called '{deep[0]}/{within[0]}'. --depth 1 says that it is right so.";
    }

    /// <summary>The folders of images in a folder that has none itself.</summary>
    private static List<string> Within(ImageTree tree, string place) =>
        Inner(tree, place) is var inner && tree.HasImages(inner) ? [] : [.. tree.FoldersOfImages(inner)];

    private static string NameOf(string place) => place.TrimEnd('/').Split('/')[^1];

    private static string Listed(IEnumerable<string> names)
    {
        var quoted = names.Select(name => $"'{name}'").ToList();
        return quoted.Count == 2 ? string.Join(" and ", quoted)
            : string.Join(", ", quoted.Take(NamedInMessages)) + (quoted.Count > NamedInMessages ? " …" : "");
    }

    private static HashSet<string> Words(string words) => new(words.Split(' '), StringComparer.OrdinalIgnoreCase);
}
