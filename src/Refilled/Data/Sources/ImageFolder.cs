using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>A folder (or .zip, .tar.gz) with a folder of images for each class.</summary>
/// <remarks>These may lie within train/, val/ and test/, in capitals or not. Images may lie deeper within their class's
/// folder.</remarks>
internal static class ImageFolder
{
    private const int DefaultSize = 64;

    private static readonly Dictionary<string, Part> Parts =
        new(StringComparer.OrdinalIgnoreCase) { ["train"] = Part.Train, ["val"] = Part.Validation, ["test"] = Part.Test };

    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        using var tree = FileTree.Open(path, "folder of images", cancel);
        var notes = new List<string>();
        var root = Root(tree);
        var tops = Children(tree, root);
        var parts = PartsAmong(tree, root, tops);
        if (parts.Count > 0) ClassNames.Check(path, "folders", parts);
        if (parts.Count > 0 && parts.All(top => Parts[top] != Part.Train))
            throw new InputException($"'{path}' has {string.Join(" and ", parts)}, but no train.");
        var places = parts.Count > 0 ? parts.ToDictionary(top => $"{root}{top}/", top => Parts[top]) : new() { [root] = Part.Train };

        var classNames = Classes(tree, places.Single(place => place.Value == Part.Train).Key);
        var files = new List<LabelledFile>();
        foreach (var (place, part) in places)
        {
            var own = Classes(tree, place);
            if (own.Except(classNames).FirstOrDefault() is { } unknown)
                throw new InputException($"'{path}': {place} has the class '{unknown}', "
                    + $"which train hasn't.{NearestName.Hint(unknown, classNames)}");
            if (classNames.Except(own).FirstOrDefault() is { } absent)
                throw new InputException($"'{path}': {place} lacks the class '{absent}', which train has.");
            for (var label = 0; label < classNames.Count; label++)
                files.AddRange(Images(tree, $"{place}{classNames[label]}/").Select(name => new LabelledFile(name, label, part)));
        }

        var inPlaces = places.Keys.SelectMany(tree.Within).Order(StringComparer.Ordinal).ToList();
        var others = inPlaces.Count - files.Count;
        if (others > 0)
            notes.Add($"{others} file{(others == 1 ? " is" : "s are")} no image of a class by name and place, "
                + $"such as {inPlaces.Except(files.Select(file => file.Name)).First()}.");
        if (parts.Count > 0 && tops.Except(parts).ToList() is [var ignored, ..] rest)
            notes.Add($"{rest.Count} folder{(rest.Count == 1 ? "" : "s")} beside train, val and test {(rest.Count == 1 ? "is" : "are")} "
                + $"not read, such as {ignored}.");
        return new FileDataset("folder", tree, files, classNames, Framing.For(options.ImageSize ?? DefaultSize), options) { Notes = notes }
            .Load(cancel);
    }

    /// <summary>Those of the folders that are parts of the data, training first; none where the classes lie side by side.</summary>
    /// <remarks>A train may be a vehicle: beside other folders, one that holds images itself is a class.</remarks>
    private static List<string> PartsAmong(FileTree tree, string root, List<string> tops)
    {
        var parts = tops.Where(Parts.ContainsKey).OrderBy(top => Parts[top]).ToList();
        var classes = parts.Count < tops.Count && parts.Any(top => Files(tree, $"{root}{top}/").Any(ImageDecoder.IsImage));
        return classes ? [] : parts;
    }

    /// <summary>Archives often hold one folder that holds everything.</summary>
    private static string Root(FileTree tree)
    {
        var root = "";
        while (Children(tree, root) is [var only] && !Parts.ContainsKey(only) && Children(tree, $"{root}{only}/").Count > 0
            && !Files(tree, root).Any())
            root += only + "/";
        return root;
    }

    /// <summary>The classes of a place: its folders, each with images.</summary>
    private static List<string> Classes(FileTree tree, string place)
    {
        var names = Children(tree, place);
        if (names.Count == 0)
            throw new InputException($"'{tree.Path}' has no folders of images{(place.Length > 0 ? $" in {place}" : "")}: "
                + $"make a folder for each class{(tree.Names.Any(ImageDecoder.IsImage) ? " and put its images there" : "")}.");
        ClassNames.Check(tree.Path, "folders", names, place);
        var empty = names.Where(name => !Images(tree, $"{place}{name}/").Any()).ToList();
        return empty.Count == 0
            ? names
            : throw new InputException($"'{tree.Path}': {(empty.Count == 1 ? "the folder" : $"{empty.Count} folders, among them")} "
                + $"'{place}{empty[0]}' {(empty.Count == 1 ? "holds" : "hold")} no images. "
                + $"Remove {(empty.Count == 1 ? "it" : "them")}, or put images there.");
    }

    /// <summary>Names of the folders directly within a place.</summary>
    private static List<string> Children(FileTree tree, string place)
    {
        var files = tree.Within(place).Select(name => name[place.Length..]).Where(rest => rest.Contains('/', StringComparison.Ordinal));
        var folders = tree.Folders.Where(name => name.StartsWith(place, StringComparison.Ordinal) && name.Length > place.Length)
            .Select(name => name[place.Length..]);
        return [.. files.Concat(folders).Select(rest => rest.Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Files(FileTree tree, string place) =>
        tree.Within(place).Where(name => name.IndexOf('/', place.Length) < 0);

    private static IEnumerable<string> Images(FileTree tree, string place) =>
        tree.Within(place).Where(ImageDecoder.IsImage);
}
