using Refilled.Data.Decoding;
using Refilled.Files;

namespace Refilled.Data.Sources;

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
        var others = tree.Names.Where(name => name.StartsWith(place, StringComparison.Ordinal) && ImageDecoder.IsImage(name) && !listed.Contains(name)).ToList();
        return others.Count == 0 ? [] : [$"Not listed in {listing}, and so not read: {others.Count} image{(others.Count == 1 ? "" : "s")}, such as {others[0]}."];
    }
}
