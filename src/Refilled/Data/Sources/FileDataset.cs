using System.Collections.Concurrent;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Makes a <see cref="Dataset"/> of image files, whatever source they come from: decodes them on all cores, and
/// checks that every class has images.</summary>
internal static class FileDataset
{
    /// <summary>The part of each class that is set aside where a source has no test images.</summary>
    private const double TestPart = 0.2;

    private const int NamedInMessages = 5;

    /// <param name="kind">Kind of the data, such as "folder".</param>
    /// <param name="tree">Where the files are.</param>
    /// <param name="files">The files; their order is that of the sample ids.</param>
    /// <param name="classNames">Names of the classes.</param>
    /// <param name="framing">How they become views.</param>
    /// <param name="options">Whether bad files are left out.</param>
    /// <param name="notes">Remarks so far; more are added.</param>
    /// <param name="groups">Groups of classes, or null.</param>
    /// <param name="cancel">Stops the decoding.</param>
    /// <exception cref="InputException">Files can't be decoded, a class has too few images, or memory is short.</exception>
    public static Dataset Build(string kind, FileTree tree, IReadOnlyList<LabelledFile> files, IReadOnlyList<string> classNames, Framing framing, DataOptions options, List<string> notes, ClassGroups? groups, CancellationToken cancel)
    {
        if (classNames.Count < 2) throw new InputException($"'{tree.Path}' holds {classNames.Count} class{(classNames.Count == 1 ? $" ('{classNames[0]}')" : "es")}; at least two are needed.");
        CheckMemory(tree.Path, files.Count, framing);
        var (store, sizes, bad) = Decode(tree, files, framing, cancel);
        if (bad.Count > 0)
        {
            var list = string.Join("\n  ", bad.Take(NamedInMessages).Select(file => $"{file.Name} {file.Reason}")) + (bad.Count > NamedInMessages ? $"\n  and {bad.Count - NamedInMessages} more" : "");
            if (!options.SkipBad) throw new InputException($"'{tree.Path}' has {bad.Count} of {files.Count} images that can't be used:\n  {list}\nMend or remove them, or leave them out with --skip-bad.");
            notes.Add($"{bad.Count} of {files.Count} images were left out because they can't be used:\n  {list}");
        }

        var skipped = bad.Select(file => file.Name).ToHashSet();
        ImageSet? Set(Part part)
        {
            if (files.All(file => file.Part != part)) return null;
            var ids = Enumerable.Range(0, files.Count).Where(i => files[i].Part == part && !skipped.Contains(files[i].Name)).ToList();
            return Checked(tree.Path, part, new ImageSet(store, [.. ids.Select(i => (long)i)], [.. ids.Select(i => files[i].Label)], classNames));
        }
        var (train, validation, test) = (Set(Part.Train)!, Set(Part.Validation), Set(Part.Test));
        if (test is null)
        {
            if (Counts(train).Min() is 1 and var least) throw new InputException($"'{tree.Path}': the class '{classNames[Array.IndexOf(Counts(train), least)]}' has a single image; with no test images given, at least two are needed, one of them for the test.");
            (train, test) = train.HoldOut(TestPart, seed: 0);
            notes.Add($"There are no test images, so {test.Count} of the training images ({TestPart:P0} of each class, always the same ones) are set aside for the test.");
        }
        return new Dataset(kind, train, test, groups, DatasetHash.Of(train, validation, test), notes) { Validation = validation, Bad = bad, Sizes = sizes };
    }

    private static (ImageStore Store, SizeRange? Sizes, IReadOnlyList<BadFile> Bad) Decode(FileTree tree, IReadOnlyList<LabelledFile> files, Framing framing, CancellationToken cancel)
    {
        var index = new Dictionary<string, int>();
        for (var i = 0; i < files.Count; i++)
            if (!index.TryAdd(files[i].Name, i)) throw new InputException($"'{tree.Path}' lists {files[i].Name} twice.");
        var (images, shapes, originals, reasons) = (new byte[files.Count][], new ImageShape[files.Count], new ImageShape[files.Count], new string?[files.Count]);
        Array.Fill(images, []);
        Array.Fill(reasons, "is missing");

        using var read = new BlockingCollection<(int Index, byte[] Content)>(boundedCapacity: 64);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() =>
        {
            var memory = new DecoderMemory();
            foreach (var (i, content) in read.GetConsumingEnumerable(stop.Token))
            {
                try
                {
                    var image = ImageDecoder.Decode(content, framing, memory);
                    (images[i], shapes[i], originals[i]) = (image.Pixels.ToArray(), image.Shape, image.Original);
                    reasons[i] = null;
                }
                catch (BadImageException e)
                {
                    reasons[i] = e.Message;
                }
            }
        }, stop.Token)).ToArray();
        try
        {
            tree.Read(index.Keys.ToHashSet(), (name, content) => read.Add((index[name], content), stop.Token), cancel: cancel);
            read.CompleteAdding();
            Task.WaitAll(workers, cancel);
        }
        catch
        {
            stop.Cancel();
            throw;
        }
        var bad = Enumerable.Range(0, files.Count).Where(i => reasons[i] is not null).Select(i => new BadFile(files[i].Name, reasons[i]!)).ToList();
        return (new ImageStore(images, shapes, framing.ViewShape, framing.Views), SizeRange.Of(originals.Where(shape => shape != default)), bad);
    }

    private static ImageSet Checked(string path, Part part, ImageSet set)
    {
        var what = part switch { Part.Train => "training", Part.Validation => "validation", _ => "test" };
        var empty = Enumerable.Range(0, set.Classes).Where(c => Counts(set)[c] == 0).Select(c => $"'{set.ClassNames[c]}'").ToList();
        return empty.Count == 0 ? set : throw new InputException($"'{path}' has no {what} images of {(empty.Count == 1 ? "the class" : $"{empty.Count} classes, such as")} {string.Join(", ", empty.Take(NamedInMessages))}.");
    }

    private static int[] Counts(ImageSet set)
    {
        var counts = new int[set.Classes];
        foreach (var label in set.Labels) counts[label]++;
        return counts;
    }

    /// <summary>All images are kept decoded, so the need is known before anything is read.</summary>
    private static void CheckMemory(string path, int count, Framing framing)
    {
        // Photographs are 3:2 or 4:3 as a rule.
        var need = (long)(count * (double)framing.ShortSide * framing.ShortSide * Framing.Channels * (framing.Square ? 1 : 1.4));
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (need > available * 0.8)
            throw new InputException($"'{path}': {count} images at {framing.Size} pixels need about {need >> 20} MiB; {available >> 20} MiB are available. A smaller --image-size needs less.");
    }
}
