using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Tiny-ImageNet-200 in its official layout, packed or not.</summary>
/// <remarks>The layout: wnids.txt, words.txt, train/&lt;wnid&gt;/images/ and val/images/ with val_annotations.txt. The official
/// test images have no labels, so val/ is the test. Any subset of the classes with this layout will do. Stanford CS231n, 2015.
/// Classes are in the order of their WordNet ids, and each is a group of its own, so that the halves of the hard split are
/// contiguous ids.</remarks>
internal static class TinyImageNet
{
    private const int DefaultSize = 64;
    private const string IdsFile = "wnids.txt", WordsFile = "words.txt", AnnotationsFile = "val/val_annotations.txt";

    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        using var tree = FileTree.Open(path, "Tiny-ImageNet", cancel);
        var root = tree.RootOf(IdsFile) ?? throw new InputException($"'{path}' is no Tiny-ImageNet: it has no {IdsFile}.");
        var ids = tree.ReadLines(root + IdsFile).Select(line => line.Text.Trim()).Order(StringComparer.Ordinal).ToList();
        ClassNames.Check(path, $"ids of {IdsFile}", ids);
        var labelOf = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index);

        var files = Training(tree, root, labelOf).Concat(Annotated(tree, root, labelOf)).ToList();
        return new FileDataset("tiny-imagenet", tree, files, Names(tree, root, ids), Framing.For(options.ImageSize ?? DefaultSize), options)
        {
            Groups = new ClassGroups(ids, [.. Enumerable.Range(0, ids.Count)]),
        }.Load(cancel);
    }

    private static IEnumerable<LabelledFile> Training(FileTree tree, string root, Dictionary<string, int> labelOf)
    {
        var place = root + "train/";
        foreach (var name in tree.Within(place).Where(ImageDecoder.IsImage))
        {
            var id = name[place.Length..].Split('/')[0];
            if (!labelOf.TryGetValue(id, out var label))
                throw new InputException($"'{tree.Path}': train/ has the class {id}, which {IdsFile} doesn't name.");
            yield return new LabelledFile(name, label, Part.Train);
        }
    }

    private static IEnumerable<LabelledFile> Annotated(FileTree tree, string root, Dictionary<string, int> labelOf)
    {
        var place = root + "val/images/";
        var present = tree.Within(place).Where(ImageDecoder.IsImage).ToHashSet();
        foreach (var (number, text) in tree.ReadLines(root + AnnotationsFile))
        {
            var fields = text.Split('\t');
            var where = $"'{tree.Path}': {AnnotationsFile}:{number}";
            if (fields.Length < 2) throw new InputException($"{where} must be an image and its class, separated by a tab, not '{text}'.");
            if (!labelOf.TryGetValue(fields[1], out var label))
                throw new InputException($"{where} names the class {fields[1]}, which {IdsFile} doesn't.");
            if (!present.Remove(place + fields[0]))
                throw new InputException($"{where} names the image {fields[0]}, which val/images/ doesn't "
                    + $"hold{(tree.Names.Contains(place + fields[0]) ? " twice" : "")}.");
            yield return new LabelledFile(place + fields[0], label, Part.Test);
        }
        if (present.Count > 0)
            throw new InputException(
                $"'{tree.Path}': {AnnotationsFile} has no class for {present.Count} image{(present.Count == 1 ? "" : "s")} of val/images/, "
                + $"such as {present.Order(StringComparer.Ordinal).First()[place.Length..]}.");
    }

    /// <summary>The first word for each id where words.txt has one of its own, else the id.</summary>
    private static List<string> Names(FileTree tree, string root, List<string> ids)
    {
        if (!tree.Names.Contains(root + WordsFile)) return ids;
        var words = new Dictionary<string, string>();
        foreach (var (_, text) in tree.ReadLines(root + WordsFile))
            if (text.Split('\t', 2) is [var id, var synonyms]) words[id] = synonyms.Split(',')[0].Trim();
        var names = ids.Select(id => words.GetValueOrDefault(id, id)).ToList();
        var unique = names.GroupBy(name => name).Where(group => group.Count() == 1).Select(group => group.Key).ToHashSet();
        return [.. ids.Select((id, i) => unique.Contains(names[i]) ? names[i] : id)];
    }
}
