using Refilled.Data.Decoding;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Folders and images of a tree, by place: "" or the name of a folder with its "/".</summary>
internal sealed class ImageTree
{
    private readonly Dictionary<string, SortedSet<string>> folders = [];
    private readonly Dictionary<string, List<string>> images = [];

    public ImageTree(FileTree tree)
    {
        Tree = tree;
        foreach (var folder in tree.Folders.Where(folder => folder.Length > 0)) Enter(folder + "/");
        foreach (var name in tree.Names)
        {
            var place = name[..(name.LastIndexOf('/') + 1)];
            Enter(place);
            if (!ImageDecoder.IsImage(name)) continue;
            if (!images.TryGetValue(place, out var list)) images[place] = list = [];
            list.Add(name);
        }
    }

    /// <summary>The files.</summary>
    public FileTree Tree { get; }

    /// <summary>Names of the folders right within a place, in ordinal order.</summary>
    public IReadOnlyCollection<string> Folders(string place) => folders.TryGetValue(place, out var own) ? own : [];

    /// <summary>Whether images lie right within a place.</summary>
    public bool HasImages(string place) => images.ContainsKey(place);

    /// <summary>Names of the images within a place, however deep, in ordinal order.</summary>
    public IEnumerable<string> Images(string place) => Deep(place).Order(StringComparer.Ordinal);

    /// <summary>The folders right within a place that hold images, however deep.</summary>
    public IEnumerable<string> FoldersOfImages(string place) => Folders(place).Where(name => Deep($"{place}{name}/").Any());

    private IEnumerable<string> Deep(string place) =>
        (images.TryGetValue(place, out var own) ? own : []).Concat(Folders(place).SelectMany(name => Deep($"{place}{name}/")));

    private void Enter(string place)
    {
        while (place.Length > 0)
        {
            var above = place[..(place.AsSpan(0, place.Length - 1).LastIndexOf('/') + 1)];
            var known = folders.TryGetValue(above, out var own);
            if (!known) folders[above] = own = new(StringComparer.Ordinal);
            if (!own!.Add(place[above.Length..^1]) && known) return;
            place = above;
        }
    }
}
