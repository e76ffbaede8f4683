using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Refilled.Files;

namespace Refilled.Data;

/// <summary>A choice of classes, as the command and recipes write it.</summary>
/// <remarks>"all", "0-49", "0,3,7-9", "easy:teacher@seed", "hard:student", "overlap-n:student@seed", "group:name,name" (all classes
/// of some of the source's groups; for letters also "alphabet:name"), "name:name,name", or a file of class names, one a line ("#" begins a
/// comment). Where classes have numbers for names, "number:0-3" are the first four and "name:0-3" those that are called so.</remarks>
public sealed partial record ClassSpec
{
    private const string ByNumber = "number:", ByName = "name:";

    private static readonly string[] Group = ["group:", "alphabet:"];

    /// <summary>What a word that can't be read is compared with.</summary>
    private static readonly string[] Forms =
    [
        "all", "easy:teacher", "easy:student", "hard:teacher", "hard:student", "overlap-<n>:teacher", "overlap-<n>:student", "group:<name>",
        "alphabet:<name>", "name:<name>", "number:0-49",
    ];

    private readonly Func<Dataset, IReadOnlyList<int>> resolve;

    private ClassSpec(string text, Func<Dataset, IReadOnlyList<int>> resolve) => (Text, this.resolve) = (text, resolve);

    /// <summary>The specification as it was written.</summary>
    public string Text { get; }

    /// <summary>The specification without a path: of a file its name alone.</summary>
    public string Label => IsFile ? Path.GetFileName(Text) : Text;

    /// <summary>Which classes are meant, wherever a file of them lies.</summary>
    /// <remarks>The text, or a hash (hex) of the names that the file lists.</remarks>
    /// <exception cref="InputException">The file can't be read.</exception>
    internal string Identity => IsFile
        ? "names:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Concat(Names(Text).Select(line => line.Name + "\n")))))
        : Text;

    /// <summary>The specification as it is meant from whatever folder: of a file its whole path.</summary>
    internal string FromAnywhere => IsFile ? Path.GetFullPath(Text) : Text;

    private bool IsFile { get; init; }

    /// <summary>Reads a specification.</summary>
    /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
    public static ClassSpec Parse(string text)
    {
        if (text == "all") return new ClassSpec(text, data => [.. Enumerable.Range(0, data.Train.Classes)]);
        if (Half().Match(text) is { Success: true } half) return ParseHalf(text, half);
        if (Ranges().IsMatch(text)) return new ClassSpec(text, MeantBy(text, Numbers(text, text)));
        if (After(ByNumber, text) is { } numbers && Ranges().IsMatch(numbers))
        {
            var classes = Numbers(text, numbers);
            return new ClassSpec(text, _ => classes);
        }
        if (After(ByName, text) is { } names)
            return new ClassSpec(text, data => [.. names.Split(',').SelectMany(name => Named(text, name.Trim(), data))]);
        if (Array.Find(Group, word => text.StartsWith(word, StringComparison.Ordinal) && text.Length > word.Length) is { } word)
            return new ClassSpec(text, data => [.. text[word.Length..].Split(',').SelectMany(name => OfGroup(text, name.Trim(), data))]);
        if (File.Exists(text)) return new ClassSpec(text, data => FromFile(text, data)) { IsFile = true };
        throw new InputException($"'{text}' names no classes and is no file.{NearestName.Hint(text, Forms)} "
            + "Write all, 0-49, 0,3,7-9, easy:teacher@<seed>, easy:student@<seed>, hard:teacher, hard:student, overlap-<n>:student@<seed>, "
            + "group:<name>, name:<name>,<name>, number:0-49, or a file of class names.");
    }

    /// <summary>The chosen classes of a data set: halves ascending, lists and files in the order written.</summary>
    /// <exception cref="InputException">A class isn't in the data, stands twice, or fewer than two are chosen.</exception>
    public IReadOnlyList<int> Resolve(Dataset dataset) => Resolve(dataset, 2);

    /// <inheritdoc cref="Resolve(Dataset)"/>
    /// <param name="dataset">The data.</param>
    /// <param name="least">Classes that must be chosen: one is enough where nothing is learned.</param>
    internal IReadOnlyList<int> Resolve(Dataset dataset, int least)
    {
        var classes = resolve(dataset);
        if (classes.FirstOrDefault(c => c >= dataset.Train.Classes, -1) is >= 0 and var outside)
            throw new InputException($"'{Text}' names the class {outside}, but {dataset.Name} has classes 0 to "
                + $"{dataset.Train.Classes - 1}.");
        if (classes.GroupBy(c => c).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"'{Text}' names the class {twice.Key} ('{dataset.Train.ClassNames[twice.Key]}') twice.");
        return classes.Count >= least
            ? classes
            : throw new InputException($"'{Text}' names {classes.Count} class{(classes.Count == 1 ? "" : "es")}; at least two are needed.");
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
        if (half.Groups["kind"].Value == "hard" && half.Groups["seed"].Success)
            throw new InputException($"'{text}': the hard split has no seed; write hard:{half.Groups["side"].Value}.");
        return new ClassSpec(text, data =>
        {
            if (half.Groups["kind"].Value == "hard" && data.Groups is null)
                throw new InputException($"'{text}': {data.Name} has no groups of classes, which the hard split needs.");
            if (shared > data.Train.Classes / 2)
                throw new InputException($"'{text}': halves of {data.Train.Classes} classes can share at most {data.Train.Classes / 2}.");
            var split = half.Groups["kind"].Value == "hard"
                ? ClassSplit.Hard(data.Groups!)
                : ClassSplit.Overlapping(data.Train.Classes, shared, seed);
            return teacher ? split.Teacher : split.Student;
        });
    }

    private static string? After(string word, string text) =>
        text.StartsWith(word, StringComparison.Ordinal) && text.Length > word.Length ? text[word.Length..] : null;

    private static List<int> Numbers(string text, string ranges)
    {
        var classes = new List<int>();
        foreach (var part in ranges.Split(','))
        {
            var ends = part.Split('-').Select(end => Number(end, text)).ToArray();
            if (ends[^1] < ends[0]) throw new InputException($"'{text}': the range {part} runs backwards; write {ends[^1]}-{ends[0]}.");
            if (ends[^1] - ends[0] > 100_000) throw new InputException($"'{text}': the range {part} is absurdly long.");
            classes.AddRange(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }
        return classes;
    }

    /// <summary>Numbers of classes, unless they could be names just as well.</summary>
    /// <remarks>Folders 0, 1, 10, 11, 2 stand in the order of their letters, so that the class called 2 is number 4.</remarks>
    private static Func<Dataset, IReadOnlyList<int>> MeantBy(string text, List<int> numbers) => data =>
    {
        var called = numbers.Select(number => ClassesCalled(number, data)).ToList();
        if (!called.All(one => one.Count == 1)) return numbers;
        List<int> named = [.. called.SelectMany(one => one)];
        // Where one of the two can't be, or both are the same, there is no doubt.
        if (named.SequenceEqual(numbers) || numbers.Max() >= data.Train.Classes) return named;
        string Shown(IEnumerable<int> classes) =>
            string.Join(", ", classes.Take(5).Select(c => $"'{data.Train.ClassNames[c]}'")) + (numbers.Count > 5 ? " …" : "");
        throw new InputException($"'{text}' can mean two things, as the classes of {data.Name} have numbers for names and stand in the "
            + $"order of their letters. Write {ByName}{text} for those that are called so ({Shown(named)}), or {ByNumber}{text} "
            + $"for those that stand there ({Shown(numbers)}).");
    };

    /// <summary>The classes whose name is a number, such as "7" or "007".</summary>
    private static List<int> ClassesCalled(int number, Dataset data) =>
        [.. data.Train.ClassNames.Index().Where(one => int.TryParse(one.Item, NumberStyles.None, CultureInfo.InvariantCulture, out var name)
            && name == number).Select(one => one.Index)];

    private static IEnumerable<int> Named(string text, string name, Dataset data)
    {
        var known = data.Train.ClassNames.Index().Where(one => one.Item == ComposedName.Of(name)).Select(one => one.Index).ToList();
        if (known.Count == 1) return known;
        if (known.Count == 0 && Ranges().IsMatch(name))
            return Numbers(text, name).SelectMany(number => ClassesCalled(number, data) is { Count: > 0 } called ? called
                : throw new InputException($"'{text}': {data.Name} has no class that is called {number}."));
        throw new InputException(known.Count == 0
            ? $"'{text}': {data.Name} has no class '{name}'.{NearestName.Hint(name, data.Train.ClassNames)}"
            : $"'{text}': {data.Name} has {known.Count} classes '{name}'; choose by number ({string.Join(", ", known)}).");
    }

    private static IEnumerable<int> OfGroup(string text, string name, Dataset data)
    {
        if (data.Groups is not { } groups) throw new InputException($"'{text}': {data.Name} has no groups of classes.");
        var group = groups.Names.ToList().IndexOf(name);
        if (group < 0)
            throw new InputException($"'{text}': {data.Name} has no group '{name}'.{NearestName.Hint(name, groups.Names)} Its groups: "
                + $"{string.Join(", ", groups.Names)}.");
        return Enumerable.Range(0, groups.GroupOf.Count).Where(c => groups.GroupOf[c] == group);
    }

    private static List<int> FromFile(string path, Dataset data)
    {
        var index = data.Train.ClassNames.Index().ToLookup(pair => pair.Item, pair => pair.Index);
        return [.. Names(path).Select(line => index[line.Name].ToArray() switch
        {
            [var known] => known,
            [] => throw new InputException(
                $"{path}:{line.Number}: {data.Name} has no class '{line.Name}'.{NearestName.Hint(line.Name, data.Train.ClassNames)}"),
            var several => throw new InputException($"{path}:{line.Number}: {data.Name} has {several.Length} classes '{line.Name}'; "
                + $"choose by number ({string.Join(", ", several)})."),
        })];
    }

    /// <summary>The names that a file lists, each with its line.</summary>
    private static IEnumerable<(string Name, int Number)> Names(string path) =>
        Lines(path).Select((line, i) => (Name: ComposedName.Of(line.Split('#', 2)[0].Trim()), i + 1)).Where(line => line.Name.Length > 0);

    private static string[] Lines(string path) => Disk.Try(() => File.ReadAllLines(path),
        e => new InputException($"The class names in '{path}' can't be read: {e.Message}", e));

    private static int Number(string digits, string text) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException($"'{text}': the number {digits} is too large.");

    [GeneratedRegex("^(?<kind>easy|hard|overlap-(?<shared>[0-9]+)):(?<side>teacher|student)(@(?<seed>[0-9]+))?\\z")]
    private static partial Regex Half();

    [GeneratedRegex("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*\\z")]
    private static partial Regex Ranges();
}
