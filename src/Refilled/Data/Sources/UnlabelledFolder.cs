using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Images that nobody has labelled: all that lie in a folder or an archive, however deep.</summary>
internal static class UnlabelledFolder
{
    /// <exception cref="InputException">It is missing, can't be read, or holds no images.</exception>
    public static Dataset Load(string path, int size, DataOptions options, CancellationToken cancel)
    {
        using var tree = FileTree.Open(path, "unlabelled images", cancel);
        var names = tree.Names.Where(ImageDecoder.IsImage).ToList();
        if (names.Count == 0) throw new InputException($"'{path}' holds no images.");
        return new FileDataset("unlabelled", tree, [.. names.Select(name => new LabelledFile(name, 0, Part.Train))], [ImageSet.NoClass],
            Framing.For(size), options with { TestPart = 0, Depth = null, GroupBy = null }) { IsLabelled = false }.Load(cancel);
    }
}
