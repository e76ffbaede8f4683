using Refilled.Data;
using Refilled.Experiments;
using Refilled.Training;

namespace Refilled.Fitting;

/// <summary>Divides the steps that there is time for among ways of learning: the fewer steps, the fewer ways.</summary>
/// <param name="recipe">What all ways share.</param>
/// <param name="images">The images.</param>
/// <param name="few">Whether a class has so few images that ways are compared on folds.</param>
/// <param name="beside">Images without labels.</param>
internal sealed class FitDivision(Recipe recipe, RunImages images, bool few, int beside)
{
    /// <summary>Epochs that a way should have in the end, and below which it is not worth a try.</summary>
    public const double Most = 400, Enough = 60, Least = 12;

    /// <summary>The plan, or null where there is no time for a single way; and the epochs of each way.</summary>
    public (FitRecipe? Plan, double Epochs) Of(double steps)
    {
        var sets = Ways().ToList();
        // Each image is held out twice only where every way has its turn.
        var divisions = !few ? [(1, 1, sets)] : new[] { (4, 2, sets[..1]), (4, 1, sets), (2, 1, sets) };
        foreach (var (folds, repeats, some) in divisions)
            foreach (var names in some)
                if (names.Count > 1 && Plan(names, folds, repeats, steps) is (not null, _) compared) return compared;
        // A way that stands alone is held against no other: a short look at images that it doesn't see is enough.
        return Plan([sets[^1][0]], 1, 1, steps);
    }

    private (FitRecipe? Plan, double Epochs) Plan(IReadOnlyList<string> names, int most, int repeats, double steps)
    {
        // No more parts than a class has images, so that each holds out some.
        var least = images.Train.Labels.CountBy(label => label).Select(own => own.Value).Where(count => count > 1);
        var folds = Math.Min(most, least.DefaultIfEmpty(1).Min());
        var perEpoch = (double)BatchStream.Steps(images.Train.Count, recipe.Batch);
        var screening = names.Count == 1 ? 0.5 : 0.25;
        // What is held out isn't trained on meanwhile.
        var parts = folds * repeats * (folds == 1 ? 0.8 : 1 - 1.0 / folds);
        var epochs = Math.Min(Most, steps / perEpoch / (1 + names.Count * screening * parts));
        // What is compared after hardly any training is compared in vain.
        if (epochs * (names.Count == 1 ? 1 : screening) < Least || (repeats > 1 && epochs < Enough)) return (null, epochs);
        return (new FitRecipe
        {
            Base = recipe, Candidates = [.. names.Select(name => Candidate(name, epochs))],
            Screening = screening, Folds = folds, Repeats = repeats,
        }, epochs);
    }

    /// <summary>What is tried, the most first; what comes first of each is what promises most.</summary>
    private IEnumerable<IReadOnlyList<string>> Ways()
    {
        string[] started = recipe.Start is null ? [] : recipe.Teacher is null ? ["student*"] : ["student*", "lkd*"];
        if (recipe.Teacher is not null)
        {
            string[] same = recipe.Setting == Setting.Standard ? ["kd"] : [];
            yield return [.. started, .. same, "regress+lkd", "student", "lkd", "refilled", "regress"];
            yield return [.. started, .. same, "regress+lkd", "student", "lkd"];
            yield return [.. started, .. same, "regress+lkd", "student"];
        }
        if (started.Length > 0) yield return [.. started, "student"];
        yield return recipe.Teacher is null ? ["student"] : ["regress+lkd"];
    }

    /// <param name="name">The method; with a "*" it begins with the recipe's start, at a tenth of the rate.</param>
    /// <param name="epochs">Passes over the labelled images that all its steps make.</param>
    private FitCandidate Candidate(string name, double epochs)
    {
        var without = beside / (double)images.Train.Count; // unlabelled images for each labelled one
        int Part(double part) => Math.Max(1, (int)Math.Round(part * epochs));
        return name switch
        {
            "student*" => new() { Method = "student", FromStart = true, Epochs2 = Part(1), Rate2 = 0.01, Views = 0 },
            "lkd*" => new() { Method = "lkd", FromStart = true, Epochs2 = Part(1), Rate2 = 0.01 },
            "student" => new() { Method = name, Epochs2 = Part(1), Views = 0 },
            "lkd" or "kd" => new() { Method = name, Epochs2 = Part(1) },
            "refilled" => new() { Method = name, Epochs1 = Part(0.25), Epochs2 = Part(0.75) },
            "regress" => new() { Method = name, Epochs1 = Part(1 / (1 + without)) },
            // Without labels there is more to learn from than with them; rate and start of the classifier: docs/findings.md.
            _ => new()
            {
                Method = name, Rate2 = 0.05, Classifier = StartingClassifier.ClassMeans,
                Epochs1 = Part((beside > 0 ? 0.8 : 0.6) / (1 + without)), Epochs2 = Part(beside > 0 ? 0.2 : 0.4),
            },
        };
    }
}
