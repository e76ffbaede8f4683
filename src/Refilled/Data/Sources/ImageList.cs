using Refilled.Data.Decoding;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>A list of images as a table: the file and the label of each, and maybe its part and group.</summary>
/// <remarks>"file,label[,split][,group]": the columns by these or other usual names, or without names in this order. Files are named from
/// the list's own folder. Images of one group show the same object, burst or person.</remarks>
internal static class ImageList
{
    private static readonly string[] Files =
        ["file", "filename", "file_name", "path", "filepath", "file_path", "image", "image_path", "img"];

    private static readonly string[] Labels = ["label", "class", "class_name", "category", "target"];
    private static readonly string[] Splits = ["split", "part", "subset", "set"];
    private static readonly string[] Groups = ["group"];

    /// <summary>Whether a file is a list by its name.</summary>
    public static bool IsList(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv";

    /// <summary>The lists of a folder or archive: train.csv and the like, or a list.csv.</summary>
    public static IReadOnlyList<(string Name, Part? Part)> In(FileTree tree)
    {
        var lists = tree.Names.Where(IsList).ToList();
        if (lists.Count == 0) return [];
        var place = lists.Select(name => name[..(name.LastIndexOf('/') + 1)]).MinBy(one => one.Length)!;
        var here = lists.Where(name => name[..(name.LastIndexOf('/') + 1)] == place).ToList();
        var parts = here.Select(name => (Name: name, Part: PartNames.Of(Path.GetFileNameWithoutExtension(name))))
            .Where(list => list.Part is not null).OrderBy(list => list.Part).ToList();
        if (parts.GroupBy(list => list.Part).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"'{tree.Path}': {string.Join(" and ", twice.Select(list => list.Name))} look like lists of one part "
                + "of the data; put them together, or rename one.");
        if (parts.Any(list => list.Part == Part.Train)) return parts;
        return here.Where(name => Path.GetFileNameWithoutExtension(name).Equals("list", StringComparison.OrdinalIgnoreCase))
            .Select(name => (name, (Part?)null)).Take(1).ToList();
    }

    /// <summary>Reads a list.</summary>
    /// <param name="where">What it is called, for messages.</param>
    /// <param name="content">The file.</param>
    /// <param name="part">The part that it is for; null where a column says so, or all are for training.</param>
    /// <param name="groupBy">What says which images belong together; null takes the column "group" where there is one.</param>
    /// <exception cref="InputException">It can't be read; the message names the line and says what would be right.</exception>
    public static IReadOnlyList<ListedImage> Read(string where, byte[] content, Part? part, string? groupBy)
    {
        var rows = DelimitedText.Read(content, where);
        if (rows.Count == 0) throw new InputException($"{where} is empty: write a line of file,label for each image.");
        var columns = Columns(where, rows[0], groupBy);
        var images = rows.Skip(columns.Named ? 1 : 0).Select(row => Image(where, row, columns, part)).ToList();
        return images.Count > 0 ? images : throw new InputException($"{where} names columns, but no images.");
    }

    private static ListedImage Image(string where, TextRow row, ListColumns columns, Part? part)
    {
        var here = $"{where}:{row.Line}";
        if (row.Values.Count > columns.Count && row.Values.Skip(columns.Count).Any(value => value.Length > 0))
            throw new InputException($"{here} has {row.Values.Count} values, but the first line has {columns.Count}. A value that "
                + "holds the separator stands in quotes.");
        string? Value(int? column) => column is { } at && at < row.Values.Count && row.Values[at].Length > 0 ? row.Values[at] : null;
        var file = Value(columns.File) ?? throw new InputException($"{here} names no file.");
        var label = Value(columns.Label) ?? throw new InputException($"{here} gives '{file}' no label.");
        var own = part;
        if (columns.Split is not null)
        {
            var word = Value(columns.Split)
                ?? throw new InputException($"{here} doesn't say what '{file}' is for: write train, val or test.");
            own = PartNames.Of(word) ?? throw new InputException($"{here}: '{word}' is no part of the data; write {PartNames.Known}.");
            if (part is not null && own != part)
                throw new InputException($"{here} says '{word}', but the list itself is of another part by its name. Rename the list, "
                    + "or leave the column out.");
        }
        file = file.Replace('\\', '/');
        while (file.StartsWith("./", StringComparison.Ordinal)) file = file[2..];
        return new ListedImage(ComposedName.Of(file), ComposedName.Of(label), own ?? Part.Train, Value(columns.Group), here);
    }

    private static ListColumns Columns(string where, TextRow first, string? groupBy)
    {
        var names = first.Values.Select(name => name.Trim()).ToList();
        int? Find(IEnumerable<string> known) =>
            known.Select(one => names.FindIndex(name => name.Equals(one, StringComparison.OrdinalIgnoreCase)))
                .Where(at => at >= 0).Select(at => (int?)at).FirstOrDefault();
        var rule = groupBy is null ? null : SubjectRule.Parse(groupBy);
        if (Find(Files) is { } file && Find(Labels) is { } label)
        {
            var group = rule?.Column is { } column
                ? Find([column]) ?? throw new InputException($"{where} has no column '{column}' to group "
                    + $"by.{NearestName.Hint(column, names)} Its columns: {string.Join(", ", names)}.")
                : rule is null ? Find(Groups) : null;
            return new ListColumns(true, names.Count, file, label, Find(Splits), group);
        }
        if (names.Count is < 2 or > 4 || !ImageDecoder.IsImage(names[0]))
            throw new InputException($"{where}:{first.Line} must name the columns, file,label and maybe split and group, or be the first "
                + $"image; it is '{string.Join(',', names)}'.");
        if (rule?.Column is not null and not "group")
            throw new InputException($"{where} doesn't name its columns, so that there is no '{rule.Column}' to group by: begin it with a "
                + "line such as file,label,split,group.");
        // The third column is the split where it says so.
        var split = names.Count > 2 && PartNames.Of(names[2]) is not null;
        return new ListColumns(false, names.Count, 0, 1, split ? 2 : null, (split, names.Count) switch
        {
            (true, 4) => 3,
            (false, 3) => 2,
            (false, 4) => throw new InputException($"{where}:{first.Line}: '{names[2]}' is no part of the data; write {PartNames.Known}."),
            _ => null,
        });
    }
}

/// <summary>An image of a list.</summary>
/// <param name="File">Its name, from the list's folder.</param>
/// <param name="Label">Its class.</param>
/// <param name="Part">What it is for.</param>
/// <param name="Subject">Its group; null where it is alone.</param>
/// <param name="Where">The list and the line, for messages.</param>
internal sealed record ListedImage(string File, string Label, Part Part, string? Subject, string Where);

/// <summary>Where a list has what.</summary>
internal sealed record ListColumns(bool Named, int Count, int File, int Label, int? Split, int? Group);
