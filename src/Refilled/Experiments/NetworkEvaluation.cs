using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Teachers;

namespace Refilled.Experiments;

/// <summary>Measures a network file on the test images that a recipe names.</summary>
internal static class NetworkEvaluation
{
    /// <param name="path">A run folder or a network file.</param>
    /// <param name="recipe">Data, classes, and which training images give centres and neighbours.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">The network or the data can't be used, or the network is for other classes.</exception>
    public static EvaluationResult Run(
        string path, Recipe recipe, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default)
    {
        var machine = Machine.Resolve(recipe);
        machine.Take();
        var place = Teacher.Find(path, formats: formats);
        var data = DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
        var classes = ClassSpec.Parse(recipe.Classes).Resolve(data);
        var names = classes.Select(c => data.Train.ClassNames[c]).ToList();
        using var trained = Teacher.Open(place, machine.Networks, formats);
        if (names.Count != trained.ClassNames.Count)
            throw new InputException($"The network '{path}' has {trained.ClassNames.Count} classes, "
                + $"but '{recipe.Classes}' names {names.Count}.");
        if (names.Except(trained.ClassNames).FirstOrDefault() is { } foreign)
            throw new InputException($"The network '{path}' was trained on other classes than '{recipe.Classes}': "
                + $"it doesn't know '{foreign}'.");
        // In the order of the network's logits, whatever the order of the specification.
        classes = [.. trained.ClassNames.Select(name => classes[names.IndexOf(name)])];
        var images = RunImages.Select(recipe with { Validation = null, HoldOut = recipe.HeldOutPart }, data, classes);
        return Evaluator.Evaluate(trained.Trained.Network, images.Train, images.Test, cancel);
    }
}
