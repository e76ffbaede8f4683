using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>A folder (or .zip, .tar.gz) with a folder of images for each class, or with lists of images.</summary>
/// <remarks>Such a list may also stand for itself. The classes may lie within train/, val/ and test/; see <see cref="PartNames"/>. Images
/// may lie deeper within their class's folder. Lists: see <see cref="ImageList"/>.</remarks>
internal static class ImageFolder
{
    private const int DefaultSize = 64, NamedInMessages = 3;

    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        if (ImageList.IsList(path) && !Directory.Exists(path)) return OfList(path, options, cancel);
        using var tree = FileTree.Open(path, "folder of images", cancel);
        var images = new ImageTree(tree);
        var lists = ImageList.In(tree);
        if (lists.Count > 0 && !HasClasses(images, options.Depth))
            return OfLists(tree, lists, options).Load(cancel);
        return OfFolders(images, options).Load(cancel);
    }

    private static bool HasClasses(ImageTree tree, int? depth)
    {
        try
        {
            return FolderLayout.Find(tree, depth).HasClasses(tree);
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <summary>A list on disk: its files may lie anywhere.</summary>
    private static Dataset OfList(string path, DataOptions options, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!File.Exists(path)) throw new InputException($"There is no list of images at '{path}'.");
        using var itself = FileTree.OfFiles(path, folder, [Path.GetFileName(path)]);
        var list = ImageList.Read(path, itself.Read(Path.GetFileName(path)), null, options.GroupBy);
        using var tree = FileTree.OfFiles(path, folder, list.Select(image => image.File));
        return Of(tree, [list], "", options).Load(cancel);
    }

    /// <summary>Lists within a folder or an archive.</summary>
    private static FileDataset OfLists(FileTree tree, IReadOnlyList<(string Name, Part? Part)> lists, DataOptions options)
    {
        var place = lists[0].Name[..(lists[0].Name.LastIndexOf('/') + 1)];
        var names = string.Join(" and ", lists.Select(list => list.Name));
        var data = Of(tree, [.. lists.Select(list =>
            ImageList.Read($"'{tree.Path}': {list.Name}", tree.Read(list.Name), list.Part, options.GroupBy))], place, options);
        var there = tree.Names.ToHashSet();
        if (data.Files.All(file => !there.Contains(file.Name)))
        {
            var first = data.Files[0].Name[place.Length..];
            var found = tree.Names.FirstOrDefault(name => name.EndsWith("/" + first, StringComparison.Ordinal));
            throw new InputException($"'{tree.Path}': none of the files that {names} names is there, such as '{first}'"
                + $"{(found is null ? "" : $"; '{found[place.Length..]}' is")}. Files are named from the list's own folder.");
        }
        return data with { Notes = ListedFiles.NotesOfOthers(tree, place, data.Files, names) };
    }

    private static FileDataset Of(FileTree tree, List<IReadOnlyList<ListedImage>> lists, string place, DataOptions options)
    {
        var images = lists.SelectMany(list => list).ToList();
        var classNames = images.Where(image => image.Part == Part.Train).Select(image => image.Label).Distinct()
            .Order(StringComparer.Ordinal).ToList();
        if (classNames.Count == 0) throw new InputException($"'{tree.Path}' lists no training images.");
        ClassNames.Check(tree.Path, "labels", classNames);
        var labelOf = classNames.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        foreach (var part in images.GroupBy(image => image.Part))
            if (!part.Any(image => labelOf.ContainsKey(image.Label)))
                throw new InputException($"{part.First().Where} has the label '{part.First().Label}', and none of its part is a label of "
                    + "training images. Parts have the same classes; where they have different ones, as mini-ImageNet's lists do, they are "
                    + "read as mini-imagenet:<path>.");
        var known = new Dictionary<string, ListedImage>();
        foreach (var image in images)
        {
            if (!labelOf.ContainsKey(image.Label))
                throw new InputException($"{image.Where} has the label '{image.Label}', which no training image "
                    + $"has.{NearestName.Hint(image.Label, classNames)}");
            if (!known.TryAdd(image.File, image))
                throw new InputException($"{image.Where} names '{image.File}', which stands there already: {known[image.File].Where}.");
        }
        // The column is read; a pattern is left to whoever knows all files.
        var rest = options.GroupBy is { } rule && SubjectRule.Parse(rule).Column is not null ? options with { GroupBy = null } : options;
        return new FileDataset("folder", tree,
            [.. images.OrderBy(image => image.Part).ThenBy(image => labelOf[image.Label])
                .ThenBy(image => image.File, StringComparer.Ordinal)
                .Select(image => new LabelledFile(place + image.File, labelOf[image.Label], image.Part, image.Subject))],
            classNames, Framing.For(options.ImageSize ?? DefaultSize), rest);
    }

    private static FileDataset OfFolders(ImageTree images, DataOptions options)
    {
        var (tree, layout) = (images.Tree, FolderLayout.Find(images, options.Depth));
        var notes = layout.Notes.ToList();
        var training = layout.Places.Single(one => one.Part == Part.Train).Place;
        // Without what can't be read one class says little of what is wrong.
        var skip = options.SkipBad && layout.ClassesOf(images, training).Count > 1;
        if (Unreadable(images, layout) is { } gone)
        {
            if (!skip)
                throw new InputException($"'{tree.Path}': {gone}. Mend or remove what can't be read (an archive must hold the files "
                    + "themselves: tar -h, zip without -y), or leave it out with --skip-bad.");
            notes.Add($"Left out because it can't be read: {gone}.");
        }
        var classNames = Classes(images, layout, training);
        var files = new List<LabelledFile>();
        foreach (var (place, part) in layout.Places)
        {
            var own = Classes(images, layout, place);
            if (own.Except(classNames).FirstOrDefault() is { } unknown)
                throw new InputException($"'{tree.Path}': {place} has the class '{unknown}', "
                    + $"which train hasn't.{NearestName.Hint(unknown, classNames)}");
            if (classNames.Except(own).FirstOrDefault() is { } absent)
                throw new InputException($"'{tree.Path}': {place} lacks the class '{absent}', which train has.");
            for (var label = 0; label < classNames.Count; label++)
                files.AddRange(images.Images($"{place}{classNames[label]}/").Select(name => new LabelledFile(name, label, part)));
        }

        var inPlaces = layout.Places.SelectMany(one => tree.Within(one.Place)).Order(StringComparer.Ordinal).ToList();
        var others = inPlaces.Count - files.Count;
        if (others > 0)
            notes.Add($"{others} file{(others == 1 ? " is" : "s are")} no image of a class by name and place, "
                + $"such as {inPlaces.Except(files.Select(file => file.Name)).First()}.");
        if (layout.Beside is [var ignored, ..] rest)
            notes.Add($"{rest.Count} folder{(rest.Count == 1 ? "" : "s")} beside train, val and test {(rest.Count == 1 ? "is" : "are")} "
                + $"not read, such as {ignored}.");
        return new FileDataset("folder", tree, files, classNames, Framing.For(options.ImageSize ?? DefaultSize), options)
        {
            Notes = notes,
            Groups = layout.Depth > 1 ? Groups(classNames) : null,
        };
    }

    /// <summary>What may be a class and can't be read, such as a link to nowhere; or null.</summary>
    private static string? Unreadable(ImageTree images, FolderLayout layout)
    {
        var gone = images.Tree.Unreadable.Where(one => !Path.HasExtension(one.Key)
            && layout.Places.Any(place => one.Key.StartsWith(place.Place, StringComparison.Ordinal))).ToList();
        return gone.Count == 0 ? null : string.Join("; ", gone.Take(NamedInMessages).Select(one => $"{one.Key} {one.Value}"))
            + (gone.Count > NamedInMessages ? $"; and {gone.Count - NamedInMessages} more" : "");
    }

    /// <summary>The classes of a place: its folders, each with images.</summary>
    private static IReadOnlyList<string> Classes(ImageTree images, FolderLayout layout, string place)
    {
        var (tree, names) = (images.Tree, layout.ClassesOf(images, place));
        if (names.Count == 0)
            throw new InputException($"'{tree.Path}' has no folders of images{(place.Length > 0 ? $" in {place}" : "")}"
                + $"{(layout.Depth > 1 ? $", {layout.Depth} folders deep" : "")}: "
                + $"make a folder for each class{(images.Images("").Any() ? " and put its images there" : "")}.");
        ClassNames.Check(tree.Path, "folders", names, place);
        var empty = names.Where(name => !images.Images($"{place}{name}/").Any()).ToList();
        return empty.Count == 0
            ? names
            : throw new InputException($"'{tree.Path}': {(empty.Count == 1 ? "the folder" : $"{empty.Count} folders, among them")} "
                + $"'{place}{empty[0]}' {(empty.Count == 1 ? "holds" : "hold")} no images. "
                + $"Remove {(empty.Count == 1 ? "it" : "them")}, or put images there.");
    }

    /// <summary>The folders that hold those of the classes.</summary>
    private static ClassGroups Groups(IReadOnlyList<string> classNames)
    {
        var above = classNames.Select(name => name[..name.LastIndexOf('/')]).ToList();
        var groups = above.Distinct().ToList();
        return new ClassGroups(groups, [.. above.Select(name => groups.IndexOf(name))]);
    }
}
