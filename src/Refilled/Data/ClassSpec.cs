using System.Globalization;
using System.Text.RegularExpressions;

namespace Refilled.Data;

/// <summary>A choice of classes, as the command and recipes write it: "all", "0-49", "0,3,7-9", "easy:teacher@seed",
/// "hard:student", "overlap-n:student@seed", or a file of class names, one a line ("#" begins a comment).</summary>
public sealed partial record ClassSpec
{
    private readonly Func<Dataset, IReadOnlyList<int>> resolve;

    private ClassSpec(string text, Func<Dataset, IReadOnlyList<int>> resolve) => (Text, this.resolve) = (text, resolve);

    /// <summary>The specification as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a specification.</summary>
    /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
    public static ClassSpec Parse(string text)
    {
        if (text == "all") return new ClassSpec(text, data => [.. Enumerable.Range(0, data.Train.Classes)]);
        if (Half().Match(text) is { Success: true } half) return ParseHalf(text, half);
        if (Ranges().IsMatch(text)) return ParseRanges(text);
        if (File.Exists(text)) return new ClassSpec(text, data => FromFile(text, data));
        throw new InputException($"'{text}' names no classes and is no file.{NearestName.Hint(text, ["all", "easy:teacher", "easy:student", "hard:teacher", "hard:student", "overlap-<n>:teacher", "overlap-<n>:student"])} "
            + "Write all, 0-49, 0,3,7-9, easy:teacher@<seed>, easy:student@<seed>, hard:teacher, hard:student, overlap-<n>:student@<seed>, or a file of class names.");
    }

    /// <summary>The chosen classes of a data set: halves ascending, lists and files in the order written.</summary>
    /// <exception cref="InputException">A class isn't in the data, stands twice, or fewer than two are chosen.</exception>
    public IReadOnlyList<int> Resolve(Dataset dataset)
    {
        var classes = resolve(dataset);
        if (classes.FirstOrDefault(c => c >= dataset.Train.Classes, -1) is >= 0 and var outside)
            throw new InputException($"'{Text}' names the class {outside}, but {dataset.Name} has classes 0 to {dataset.Train.Classes - 1}.");
        if (classes.GroupBy(c => c).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"'{Text}' names the class {twice.Key} ('{dataset.Train.ClassNames[twice.Key]}') twice.");
        return classes.Count >= 2 ? classes : throw new InputException($"'{Text}' names {classes.Count} class{(classes.Count == 1 ? "" : "es")}; at least two are needed.");
    }

    /// <summary>Equal where the text is.</summary>
    public bool Equals(ClassSpec? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static ClassSpec ParseHalf(string text, Match half)
    {
        var teacher = half.Groups["side"].Value == "teacher";
        var seed = half.Groups["seed"].Success ? Number(half.Groups["seed"].Value, text) : 0;
        var shared = half.Groups["shared"].Success ? Number(half.Groups["shared"].Value, text) : 0;
        if (half.Groups["kind"].Value == "hard" && half.Groups["seed"].Success) throw new InputException($"'{text}': the hard split has no seed; write hard:{half.Groups["side"].Value}.");
        return new ClassSpec(text, data =>
        {
            if (half.Groups["kind"].Value == "hard" && data.Groups is null) throw new InputException($"'{text}': {data.Name} has no groups of classes, which the hard split needs.");
            if (shared > data.Train.Classes / 2) throw new InputException($"'{text}': halves of {data.Train.Classes} classes can share at most {data.Train.Classes / 2}.");
            var split = half.Groups["kind"].Value == "hard" ? ClassSplit.Hard(data.Groups!) : ClassSplit.Overlapping(data.Train.Classes, shared, seed);
            return teacher ? split.Teacher : split.Student;
        });
    }

    private static ClassSpec ParseRanges(string text)
    {
        var classes = new List<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(end => Number(end, text)).ToArray();
            if (ends[^1] < ends[0]) throw new InputException($"'{text}': the range {part} runs backwards; write {ends[^1]}-{ends[0]}.");
            if (ends[^1] - ends[0] > 100_000) throw new InputException($"'{text}': the range {part} is absurdly long.");
            classes.AddRange(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }
        return new ClassSpec(text, _ => classes);
    }

    private static List<int> FromFile(string path, Dataset data)
    {
        var index = data.Train.ClassNames.Select((name, i) => (name, i)).ToLookup(pair => pair.name, pair => pair.i);
        var classes = new List<int>();
        var number = 0;
        foreach (var line in Lines(path))
        {
            number++;
            var name = line.Split('#', 2)[0].Trim();
            if (name.Length == 0) continue;
            classes.Add(index[name].ToArray() switch
            {
                [var known] => known,
                [] => throw new InputException($"{path}:{number}: {data.Name} has no class '{name}'.{NearestName.Hint(name, data.Train.ClassNames)}"),
                var several => throw new InputException($"{path}:{number}: {data.Name} has {several.Length} classes '{name}'; choose by number ({string.Join(", ", several)})."),
            });
        }
        return classes;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The class names in '{path}' can't be read: {e.Message}", e);
        }
    }

    private static int Number(string digits, string text) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new InputException($"'{text}': the number {digits} is too large.");

    [GeneratedRegex("^(?<kind>easy|hard|overlap-(?<shared>[0-9]+)):(?<side>teacher|student)(@(?<seed>[0-9]+))?\\z")]
    private static partial Regex Half();

    [GeneratedRegex("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*\\z")]
    private static partial Regex Ranges();
}
