using System.Globalization;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>CUB-200-2011 in its official layout, packed or not.</summary>
/// <remarks>The layout: images/, images.txt, image_class_labels.txt, classes.txt and train_test_split.txt. Any subset with this
/// layout will do. Wah et al., 2011. A class's group is the last word of its name (Albatross, Sparrow), which is roughly its
/// family.</remarks>
internal static class Cub200
{
    private const int DefaultSize = 224;
    private const string ImagesFile = "images.txt", LabelsFile = "image_class_labels.txt", ClassesFile = "classes.txt",
        SplitFile = "train_test_split.txt";

    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        using var tree = FileTree.Open(path, "CUB-200-2011", cancel);
        var root = tree.RootOf(LabelsFile) ?? throw new InputException($"'{path}' is no CUB-200-2011: it has no {LabelsFile}.");
        foreach (var file in new[] { ImagesFile, ClassesFile, SplitFile })
            if (!tree.Names.Contains(root + file)) throw new InputException($"'{path}' lacks {root}{file}.");

        var classes = Pairs(tree, root, ClassesFile);
        var labelOf = classes.Keys.Order().Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var (images, labels, split) = (Pairs(tree, root, ImagesFile), Pairs(tree, root, LabelsFile), Pairs(tree, root, SplitFile));
        foreach (var (file, listed) in new[] { (LabelsFile, labels), (SplitFile, split) })
        {
            if (images.Keys.Except(listed.Keys).ToList() is [var unlisted, ..])
                throw new InputException($"'{path}': {file} says nothing of image {unlisted} ({images[unlisted]}), "
                    + $"which {ImagesFile} lists.");
            if (listed.Keys.Except(images.Keys).ToList() is [var unknown, ..])
                throw new InputException($"'{path}': {file} speaks of image {unknown}, which {ImagesFile} doesn't list.");
        }
        var place = root + "images/";
        var files = images.OrderBy(image => image.Key).Select(image => new LabelledFile(
            place + image.Value,
            int.TryParse(labels[image.Key], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && labelOf.TryGetValue(id, out var label) ? label
                : throw new InputException($"'{path}': {LabelsFile} gives image {image.Key} the class '{labels[image.Key]}', "
                    + $"which {ClassesFile} doesn't list."),
            split[image.Key] switch
            {
                "1" => Part.Train,
                "0" => Part.Test,
                var other => throw new InputException(
                    $"'{path}': {SplitFile} says '{other}' of image {image.Key}; 1 is training, 0 is test."),
            })).ToList();
        var present = tree.Names.ToHashSet();
        if (files.FirstOrDefault(file => !present.Contains(file.Name)) is { } missing)
            throw new InputException($"'{path}' lacks {missing.Name}, which {ImagesFile} lists.");

        var folders = classes.OrderBy(one => one.Key).Select(one => one.Value).ToList();
        foreach (var file in files)
            if (folders.IndexOf(file.Name[place.Length..].Split('/')[0]) is >= 0 and var other && other != file.Label)
                throw new InputException($"'{path}': {LabelsFile} gives {file.Name[place.Length..]} the class '{folders[file.Label]}', "
                    + "but it lies in the folder of another.");

        // "001.Black_footed_Albatross" is "Black footed Albatross".
        var names = folders.Select(name => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('_', ' ')).ToList();
        ClassNames.Check(path, $"classes of {ClassesFile}", names);
        var families = names.Select(name => name.Split(' ')[^1]).ToList();
        var groups = families.Distinct().ToList();
        return new FileDataset("cub200", tree, files, names, Framing.For(options.ImageSize ?? DefaultSize), options)
        {
            Notes = ListedFiles.NotesOfOthers(tree, place, files, ImagesFile),
            Groups = new ClassGroups(groups, [.. families.Select(family => groups.IndexOf(family))]),
        }.Load(cancel);
    }

    /// <summary>Lines of a number, a space, and a value.</summary>
    private static Dictionary<int, string> Pairs(FileTree tree, string root, string file)
    {
        var pairs = new Dictionary<int, string>();
        foreach (var (number, text) in tree.ReadLines(root + file))
        {
            if (text.Split(' ', 2) is not [var key, var value]
                || !int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw new InputException($"'{tree.Path}': {file}:{number} must be a number and a value, not '{text}'.");
            if (!pairs.TryAdd(id, value.Trim())) throw new InputException($"'{tree.Path}': {file}:{number} lists {id} again.");
        }
        return pairs;
    }
}
