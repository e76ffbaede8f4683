using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Networks;

namespace Refilled.Experiments.FewShot;

/// <summary>The images of few-shot tasks.</summary>
/// <param name="Novel">Those that tasks are drawn from.</param>
/// <param name="Validation">Those that something is chosen on; null where there are none.</param>
internal sealed record TaskImages(ImageSet Novel, ImageSet? Validation)
{
    /// <summary>The images that a recipe names.</summary>
    /// <exception cref="InputException">A class is missing.</exception>
    public static TaskImages Select(FewShotRecipe recipe, Dataset data)
    {
        ImageSet Images(string classes, ImageSet part) =>
            ClassSpec.Parse(classes).Resolve(data) is var chosen && recipe.JoinTest ? data.Joined(chosen) : part.OfClasses(chosen);
        return new TaskImages(
            Images(recipe.Classes, data.Test), recipe.Validation is { } validation ? Images(validation, data.Train) : null);
    }

    /// <summary>Checks that their classes are new to all networks, their size is the backbone's, and tasks can be drawn.</summary>
    /// <param name="shape">The size of a task.</param>
    /// <param name="backbone">What the backbone is called.</param>
    /// <param name="input">What it sees.</param>
    /// <param name="trained">The classes that networks were trained on, each with what it is called.</param>
    /// <exception cref="InputException">Something isn't so; of classes the message names the first ones that are known.</exception>
    public void Check(
        EpisodeShape shape, string backbone, InputSpec input, IEnumerable<(string Whose, IReadOnlyList<string> Names)> trained)
    {
        CheckClasses(trained);
        CheckSize(backbone, input);
        _ = new EpisodeSampler(Novel, shape, 0);
        if (Validation is not null) MethodFit.CheckTasks("the validation", Validation, shape);
    }

    /// <summary>Classes are compared by name.</summary>
    private void CheckClasses(IEnumerable<(string Whose, IReadOnlyList<string> Names)> trained)
    {
        var problems = new List<string>();
        void Disjoint(string what, ImageSet images, string whose, IReadOnlyList<string> others)
        {
            var common = images.ClassNames.Intersect(others, StringComparer.Ordinal).ToList();
            if (common.Count > 0) problems.Add($"{what} and {whose} share {ClassRelation.Some(common)}");
        }
        const string OfTasks = "the tasks' classes", OfValidation = "the validation's classes";
        if (Validation is not null) Disjoint(OfTasks, Novel, OfValidation, Validation.ClassNames);
        foreach (var (whose, names) in trained)
        {
            Disjoint(OfTasks, Novel, $"those that the {whose} was trained on", names);
            if (Validation is not null) Disjoint(OfValidation, Validation, $"those that the {whose} was trained on", names);
        }
        if (problems.Count > 0)
            throw new InputException($"Few-shot tasks are of classes that nothing has seen before, but {string.Join("; ", problems)}. "
                + "Choose other classes with --classes, or another network.");
    }

    /// <summary>A network that was trained at one size is not measured at another: resized images would say less of it.</summary>
    private void CheckSize(string backbone, InputSpec input)
    {
        var shape = Novel.Store.ViewShape;
        if (shape.Channels != input.Channels)
            throw new InputException($"The backbone '{backbone}' reads {input.Channels} channels, "
                + $"but the data's images have {shape.Channels}.");
        if ((shape.Width, shape.Height) == (input.Width, input.Height)) return;
        var way = input.Width == input.Height ? $": use --image-size {input.Width}, or another backbone" : "; name another backbone";
        throw new InputException($"The backbone '{backbone}' was trained on images of {input.Width}×{input.Height} pixels, "
            + $"but the data's views have {shape.Width}×{shape.Height}{way}.");
    }
}
