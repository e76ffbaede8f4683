using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>mini-ImageNet: train.csv, val.csv and test.csv (lines of "filename,label") and the images in images/.</summary>
/// <remarks>The three files name different classes (64, 16 and 20), which are the groups of classes; each class's images are
/// divided into training and test by us, because the benchmark has no such division. Vinyals et al., 2016; split by Ravi and
/// Larochelle, 2017.</remarks>
internal static class MiniImageNet
{
    private const int DefaultSize = 84;
    private static readonly string[] Splits = ["train", "val", "test"];

    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static Dataset Load(string path, DataOptions options, CancellationToken cancel)
    {
        using var tree = FileTree.Open(path, "mini-ImageNet", cancel);
        var root = tree.RootOf("train.csv") ?? throw new InputException($"'{path}' is no mini-ImageNet: it has no train.csv.");
        var place = root + "images/";
        var present = tree.Names.ToHashSet();
        var (classNames, groupOf, files) = (new List<string>(), new List<int>(), new List<LabelledFile>());
        for (var split = 0; split < Splits.Length; split++)
        {
            var file = Splits[split] + ".csv";
            if (!present.Contains(root + file)) throw new InputException($"'{path}' lacks {root}{file}.");
            foreach (var (number, text) in tree.ReadLines(root + file))
            {
                if (number == 1 && text.StartsWith("filename", StringComparison.OrdinalIgnoreCase)) continue;
                var where = $"'{path}': {file}:{number}";
                if (text.Split(',') is not [var name, var label])
                    throw new InputException($"{where} must be a file name and a label, not '{text}'.");
                var known = classNames.IndexOf(label);
                if (known < 0)
                {
                    known = classNames.Count;
                    classNames.Add(label);
                    groupOf.Add(split);
                }
                if (groupOf[known] != split)
                    throw new InputException($"{where} has the class {label}, which {Splits[groupOf[known]]}.csv has too; "
                        + "the three must not share classes.");
                if (!present.Contains(place + name))
                    throw new InputException($"{where} names the image {name}, which {place} doesn't hold.");
                files.Add(new LabelledFile(place + name, known, Part.Train));
            }
        }
        ClassNames.Check(path, "labels", classNames);
        return new FileDataset("mini-imagenet", tree, files, classNames, Framing.For(options.ImageSize ?? DefaultSize), options)
        {
            Notes = ListedFiles.NotesOfOthers(tree, place, files, "the .csv files"),
            Groups = new ClassGroups(Splits, groupOf),
        }.Load(cancel);
    }
}
