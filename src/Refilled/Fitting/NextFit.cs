using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Experiments;
using Refilled.Files;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Fitting;

/// <summary>Begins a fit on the images of an earlier one, with labels that were corrected or with more classes.</summary>
/// <remarks>Its images are a list of files in its own folder; the earlier fit's stay as they are. Who was a test image stays one.</remarks>
internal static class NextFit
{
    /// <summary>Name of the list in a fit's folder.</summary>
    public const string ListName = "images.csv";

    /// <summary>Every which image of a new class is for the test.</summary>
    private const int TestEvery = 5;

    private sealed record Row(string Label, string Part, string Group);

    /// <summary>Begins a fit with the corrections of a review.</summary>
    /// <param name="earlier">The earlier fit's plan, which this one takes over.</param>
    /// <param name="review">The path of the review.</param>
    /// <param name="folder">The new fit's folder.</param>
    /// <param name="say">Told what was corrected.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">A correction can't be made, or there is none.</exception>
    public static FitRecipe Corrected(FitRecipe earlier, string review, string folder, Action<string> say, CancellationToken cancel)
    {
        var corrections = LabelReview.Read(review);
        var rows = Rows(earlier.Base, cancel);
        var classes = rows.Values.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var one in corrections)
        {
            var file = Path.GetFullPath(one.File);
            if (one.Label != Correction.None && !classes.Contains(one.Label))
                throw new InputException($"{one.Where}: there is no class '{one.Label}'.{NearestName.Hint(one.Label, classes)} A new class "
                    + "comes with --add.");
            if (one.IsNew ? rows.ContainsKey(file) || !File.Exists(file) : !rows.ContainsKey(file))
                throw new InputException($"{one.Where}: '{one.File}' is "
                    + (one.IsNew && rows.ContainsKey(file) ? "labelled already." : $"no image of '{earlier.Base.Data}'."));
            if (one.Label == Correction.None) rows.Remove(file);
            else rows[file] = rows.TryGetValue(file, out var row) ? row with { Label = one.Label } : new Row(one.Label, "train", "");
        }
        say($"{corrections.Count(one => !one.IsNew && one.Label != Correction.None)} labels corrected, "
            + $"{corrections.Count(one => one.IsNew && one.Label != Correction.None)} images labelled, "
            + $"{corrections.Count(one => !one.IsNew && one.Label == Correction.None)} left out.");
        if (corrections.Count(one => one.IsNew && one.Label == Correction.None) is > 0 and var stay)
            say($"{stay} images without labels are none of the classes; they stay where they lie, and are learned from without a label.");
        return Begin(earlier, rows, folder);
    }

    /// <summary>Begins a fit with more classes, or more images of some, that starts from what the earlier one found, too.</summary>
    /// <param name="earlier">The earlier fit's plan, which this one takes over.</param>
    /// <param name="network">The run that the earlier fit ended with.</param>
    /// <param name="added">Folders of images; each one's name is the class.</param>
    /// <param name="folder">The new fit's folder.</param>
    /// <param name="say">Told what was added.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">A folder can't be used.</exception>
    public static FitRecipe WithClasses(FitRecipe earlier, string network, IReadOnlyList<string> added, string folder, Action<string> say,
        CancellationToken cancel)
    {
        if (!Directory.Exists(network))
            throw new InputException($"There is no network in '{network}': let that fit come to its end first.");
        var rows = Rows(earlier.Base, cancel);
        foreach (var path in added)
        {
            var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            if (!Directory.Exists(place)) throw new InputException($"There is no folder '{path}' to add.");
            var label = Path.GetFileName(place);
            using var tree = FileTree.Open(place, "folder of images", cancel);
            var names = tree.Names.Where(ImageDecoder.IsImage).Order(StringComparer.Ordinal).ToList();
            if (names.Count < 2)
                throw new InputException($"'{path}' holds {names.Count} images; a class needs two, one of them for the test.");
            foreach (var (i, name) in names.Index())
            {
                var test = i % TestEvery == TestEvery - 1 || (names.Count < TestEvery && i == names.Count - 1);
                if (!rows.TryAdd(Path.Combine(place, name), new Row(label, test ? "test" : "train", "")))
                    throw new InputException($"'{Path.Combine(place, name)}' is an image of the earlier fit already.");
            }
            say($"'{label}': {names.Count} images added, a fifth of them for the test.");
        }
        // What suits a fresh network is tried from the earlier one, too, at a tenth of the rates.
        var fresh = earlier.Candidates.Where(one => !one.FromStart).ToList();
        var started = fresh.Where(one => one.Method is "student" or "lkd").DefaultIfEmpty(fresh[0])
            .Select(one => one with { FromStart = true, Rate1 = one.Rate1 / 10, Rate2 = one.Rate2 / 10 });
        return Begin(earlier with
        {
            Base = earlier.Base with { Start = Path.GetFullPath(network) }, Candidates = [.. started, .. fresh],
        }, rows, folder);
    }

    /// <summary>Writes the list and the plan that reads it.</summary>
    private static FitRecipe Begin(FitRecipe earlier, Dictionary<string, Row> rows, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InputException($"The folder '{folder}' is not empty; choose another with --out.");
        Directory.CreateDirectory(folder);
        var list = Path.GetFullPath(Path.Combine(folder, ListName));
        RunFolder.WriteText(list, string.Concat(rows.OrderBy(row => row.Key, StringComparer.Ordinal)
            .Select(row => CsvText.Line(row.Key, row.Value.Label, row.Value.Part, row.Value.Group))
            .Prepend("file,label,split,group").Select(line => line + "\n")));
        var recipe = earlier with { Base = earlier.Base with { Data = list, Classes = "all", Depth = null, GroupBy = null } };
        RunFolder.WriteText(Path.Combine(folder, Fit.RecipeName), RecipeWriter.Write(recipe));
        return recipe;
    }

    /// <summary>The images of a recipe, by their files.</summary>
    private static Dictionary<string, Row> Rows(Recipe recipe, CancellationToken cancel)
    {
        if (recipe.ImagesPerClass is not null)
            throw new InputException("That fit takes some images of each class alone (--images-per-class); others would take their places. "
                + "Fit all images, or a folder that holds those alone.");
        var data = DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
        if (data.FileNames is not { } names || DataCatalog.FolderOf(recipe.Data) is not { } place)
            throw new InputException($"The images of '{recipe.Data}' are no files in a folder, so that they can't be listed one by one. "
                + "Unpack an archive first, and fit its folder.");
        var images = RunImages.Select(recipe with { HoldOut = 0 }, data);
        var rows = new Dictionary<string, Row>();
        foreach (var (part, set) in new[] { ("train", images.Train), ("val", images.HeldOut), ("test", images.Test) })
            foreach (var (i, id) in set.SampleIds.Index())
                rows[Path.GetFullPath(Path.Combine(place, names[(int)id]))] =
                    new Row(set.ClassNames[set.Labels[i]], part, set.SubjectOf is { } subjects ? $"{subjects[(int)id]}" : "");
        return rows;
    }
}
