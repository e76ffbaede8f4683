using Refilled.Experiments;
using Refilled.Recipes;
using static System.FormattableString;

namespace Refilled.Tables.Poster;

/// <summary>How a section of a table stands to the poster.</summary>
/// <remarks>Its numbers may be printed beside ours only where data, classes and both networks are the poster's, and even then the
/// protocols differ.</remarks>
internal sealed class PosterSetting
{
    private readonly PosterNumbers.PosterTable? table;
    private readonly string student;

    public PosterSetting(Setting setting, string? data, string? teacher, string student, string split, Recipe recipe)
    {
        this.student = student;
        var found = PosterNumbers.Find(setting, data, teacher, split);
        var differences = new List<string>();
        if (found is null)
            differences.Add(data is null
                ? "there is no result yet"
                : $"it has no {RecipeNames.Kebab(setting.ToString())} table of {data} with the teacher {teacher}");
        else
        {
            if (!found.Students.Contains(student)) differences.Add($"it has no student {student}");
            var classes = found.Split is null ? "all" : found.Split + ":student";
            if (recipe.Classes != classes && !(found.Split is not null && recipe.Classes.StartsWith(classes, StringComparison.Ordinal)))
                differences.Add($"its classes are {classes}, not {recipe.Classes}");
            if (recipe.ImagesPerClass is { } count) differences.Add($"it trains on all images, not {count} of each class");
        }
        if (differences.Count == 0) table = found;
        Note = differences.Count > 0
            ? $"The poster's numbers are not comparable: {string.Join("; ", differences)}."
                + (PosterNumbers.Nearest(setting, data, student, split) is { } nearest ? " " + Shape(nearest, student) : "")
            : "The poster's numbers are of another protocol: " + string.Join("; ", Protocol(recipe, found!)) + ".";
    }

    /// <summary>What differs, for the reader.</summary>
    public string Note { get; }

    /// <summary>The poster's number for a method, or null.</summary>
    public double? NumberFor(string method) =>
        table is not null && table.Rows.TryGetValue(method, out var numbers) ? numbers[Array.IndexOf(table.Students, student)] : null;

    /// <summary>What the poster's methods gain over its student where that is nearest, to be compared in shape alone.</summary>
    private static string Shape(PosterNumbers.PosterTable nearest, string student)
    {
        // Its smallest student stands for one that it doesn't have.
        var column = nearest.Students.Contains(student) ? Array.IndexOf(nearest.Students, student) : nearest.Students.Length - 1;
        var alone = nearest.Rows["student"][column];
        var gains = nearest.Rows.Where(row => row.Key != "student")
            .Select(row => Invariant($"{row.Key} {row.Value[column] - alone:+0.00;-0.00;0.00}"));
        return $"For the shape alone, what it gains over its student ({nearest.Teacher} teaches {nearest.Students[column]}, "
            + $"{nearest.Data}{(nearest.Split is null ? "" : ", " + nearest.Split)}, 200 + 200 epochs, all images): "
            + $"{string.Join(", ", gains)}.";
    }

    private static IEnumerable<string> Protocol(Recipe recipe, PosterNumbers.PosterTable found)
    {
        if (found.Split is not null) yield return "its split of the classes is not published, ours is our own";
        if (recipe.HeldOutPart > 0)
            yield return Invariant($"ours holds out {100 * recipe.HeldOutPart:0.#} % of the training images for selection");
        if ((recipe.Stage1.Epochs, recipe.Stage2.Epochs) != (200, 200))
            yield return $"ours trains for {recipe.Stage1.Epochs} + {recipe.Stage2.Epochs} epochs, it for 200 + 200";
        yield return "it doesn't say which epoch it reports";
    }
}
