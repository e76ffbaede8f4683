using Refilled.Recipes;
using Refilled.Teachers;

namespace Refilled.Fitting;

/// <summary>Finds the best way to a small network of some images within a time, and says how good it is.</summary>
public static class Fit
{
    /// <summary>Name of the plan in a fit's folder.</summary>
    public const string RecipeName = "fit.yaml";

    /// <summary>Decides what will be tried, and for how long, by the images and a measured step.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="formats">Formats of teachers of the caller's. Default: none but the built-in ones.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">Something can't be used, or the time is too short for a single way.</exception>
    public static FitRecipe Plan(FitRequest request, IReadOnlyList<ITeacherFormat>? formats = null, CancellationToken cancel = default) =>
        Plan(request, formats ?? [], _ => { }, cancel);

    /// <summary>Compares the ways, trains the best on all training images, and reads the test images once.</summary>
    /// <param name="recipe">What is done; it is written to the folder.</param>
    /// <param name="folder">Where everything goes; a fit that lies there by the same recipe goes on.</param>
    /// <param name="formats">Formats of teachers of the caller's. Default: none but the built-in ones.</param>
    /// <param name="cancel">Stops it; what was finished stays.</param>
    /// <exception cref="InputException">Something can't be used, or the folder holds something else.</exception>
    public static FitResult Run(FitRecipe recipe, string folder, IReadOnlyList<ITeacherFormat>? formats = null,
        CancellationToken cancel = default) => Run(recipe, folder, formats ?? [], new FitWatcher(), cancel);

    internal static FitRecipe Plan(
        FitRequest request, IReadOnlyList<ITeacherFormat> formats, Action<string> say, CancellationToken cancel) =>
        new FitPlanner(request, formats, say, cancel).Plan();

    internal static FitResult Run(FitRecipe recipe, string folder, IReadOnlyList<ITeacherFormat> formats, FitWatcher watcher,
        CancellationToken cancel)
    {
        var file = Path.Combine(folder, RecipeName);
        var begun = File.Exists(file);
        if (begun)
        {
            var differences = RecipeWriter.Differences(RecipeReader.Read<FitRecipe>(file, []), recipe);
            if (differences.Count > 0)
                throw new InputException($"The fit in '{folder}' was begun otherwise; go on without what differs, or start anew in another "
                    + "folder:\n  " + string.Join("\n  ", differences));
        }
        else if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InputException($"The folder '{folder}' is not empty and holds no fit; choose another with --out.");
        using var fit = new FitRun(recipe, folder, formats, watcher, cancel);
        // Only what can be used leaves a trace.
        Directory.CreateDirectory(folder);
        if (!begun) Training.RunFolder.WriteText(file, RecipeWriter.Write(recipe));
        return fit.Do();
    }
}
