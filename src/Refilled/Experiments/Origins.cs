using System.Globalization;
using System.Text.Json;
using Refilled.Data;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>What an experiment is made of: recorded when a run begins, and compared when it goes on.</summary>
/// <param name="Data">Name of the data.</param>
/// <param name="DataHash">SHA-256 (hex) of their content.</param>
/// <param name="Teacher">The teacher's architecture; null where there is none.</param>
/// <param name="TeacherHash">Hash of its file.</param>
/// <param name="StartHash">Hash of the file that the student starts from; null where it starts fresh or from the teacher.</param>
internal sealed record Origins(string Data, string DataHash, string? Teacher, string? TeacherHash, string? StartHash)
{
    private const int NamedInMessages = 5;

    /// <summary>SHA-256 (hex) of the unlabelled images of a source of their own; null where there are none.</summary>
    public string? UnlabelledHash { get; init; }

    /// <summary>Images of the training, validation and test part.</summary>
    public IReadOnlyList<int> Parts { get; init; } = [];

    /// <summary>Each class and its images in all parts, as "ants 40".</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The same with what a data set is counted by.</summary>
    public Origins Counting(Dataset data)
    {
        ImageSet?[] parts = [data.Train, data.Validation, data.Test];
        var images = parts.OfType<ImageSet>().SelectMany(part => part.Labels).CountBy(label => label).ToDictionary();
        return this with
        {
            Parts = [.. parts.Select(part => part?.Count ?? 0)],
            Classes = [.. data.Train.ClassNames.Select((name, label) => $"{name} {images.GetValueOrDefault(label)}")],
        };
    }

    /// <summary>Checks that a run goes on with what it was begun with, wherever that lies now.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="InputException">Something is another now; the message says what, as far as it is recorded.</exception>
    public void MustBeThoseOf(RunFolder folder)
    {
        using var record = folder.ReadEnvironment();
        if (record is null) return;
        var begun = record.RootElement;
        void Compare(string key, string? now, string what, string option, Func<string> changes)
        {
            if (now is not null && Text(begun, key) is { } was && was != now)
                throw new InputException($"The run in '{folder.Path}' was begun with {what}: {changes()} (SHA-256 {was} then, {now} now). "
                    + $"Name what it was begun with by {option}, or start anew with another --out.");
        }
        Compare("dataHash", DataHash, "other data", "--data", () => DataChanges(begun));
        Compare("teacherHash", TeacherHash, "another teacher", "--teacher", () => Text(begun, "teacher") is { } was && was != Teacher
            ? $"it was a {was}, and is a {Teacher}" : $"the file of this {Teacher} has changed, or is another one");
        Compare("unlabelledHash", UnlabelledHash, "other unlabelled images", "--unlabelled", () => "their content is another");
        Compare("startHash", StartHash, "another start", "--start", () => "its file has changed, or is another one");
    }

    /// <summary>What is known of how the data have changed.</summary>
    private string DataChanges(JsonElement begun)
    {
        var changes = new List<string>();
        if (Text(begun, "data") is { } name && name != Data) changes.Add($"they were {name}, and are {Data}");
        var (parts, classes) = (List(begun, "parts", item => item.GetInt32()), List(begun, "classes", item => item.GetString() ?? ""));
        if (parts is not null && !parts.SequenceEqual(Parts))
            changes.Add($"there were {Counted(parts)} images for training, validation and test, and there are {Counted(Parts)}");
        if (classes is not null)
        {
            var (before, now) = (Numbers(classes), Numbers(Classes));
            Name("gone", [.. before.Keys.Except(now.Keys).Select(own => $"'{own}'")]);
            Name("new", [.. now.Keys.Except(before.Keys).Select(own => $"'{own}'")]);
            Name("of another size", [.. before.Where(own => now.TryGetValue(own.Key, out var count) && count != own.Value)
                .Select(own => $"'{own.Key}' (had {own.Value} images, has {now[own.Key]})")]);
        }
        return changes.Count > 0 ? string.Join("; ", changes)
            : parts is null ? "their content is another"
            : "each class has as many images as before, so that some image, or its part or its place in the order, is another";

        void Name(string what, List<string> names)
        {
            if (names.Count == 0) return;
            var more = names.Count > NamedInMessages ? $" and {names.Count - NamedInMessages} more" : "";
            var list = string.Join(", ", names.Take(NamedInMessages));
            changes.Add($"{(names.Count == 1 ? "a class is" : "classes are")} {what}: {list}{more}");
        }
    }

    private static string Counted(IReadOnlyList<int> parts) => string.Join(", ", parts);

    /// <summary>The images of each class; of classes of one name those of all.</summary>
    private static Dictionary<string, int> Numbers(IEnumerable<string> classes) =>
        (from text in classes
         let end = text.LastIndexOf(' ')
         group int.Parse(text[end..], CultureInfo.InvariantCulture) by text[..end]).ToDictionary(own => own.Key, own => own.Sum());

    private static string? Text(JsonElement begun, string key) =>
        begun.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<T>? List<T>(JsonElement begun, string key, Func<JsonElement, T> read) =>
        begun.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(read)] : null;
}
