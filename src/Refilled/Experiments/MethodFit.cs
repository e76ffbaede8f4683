using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>Checks that a student and a teacher suit a method, beyond what the teacher provides.</summary>
internal static class MethodFit
{
    /// <summary>Brings the teacher's logits into the order of the student's classes.</summary>
    /// <exception cref="InputException">They have other classes; the message says which methods can be used.</exception>
    public static ITeacher MatchClasses(Method method, ITeacher teacher, IReadOnlyList<string> classNames)
    {
        try
        {
            return ClassOrder.Match(teacher, classNames);
        }
        catch (InputException e)
        {
            throw new InputException($"The method '{method.Name}' compares the teacher's logits with the student's class by class, "
                + $"but {e.Message}. Choose the same classes with --setting standard, or a method that compares none: "
                + $"{Methods.NamesWhere(other => !other.ComparesLogits)}.", e);
        }
    }

    /// <summary>Checks that the few-shot tasks of a method's stages and of the validation can be drawn.</summary>
    /// <exception cref="InputException">They can't; the message says of whom and why.</exception>
    public static void CheckEpisodes(Method method, RunImages images)
    {
        foreach (var stage in method.Stages)
            if (stage.Episode is { } shape) Draw($"the stage '{stage.Name}' of the method '{method.Name}'", images.Train, shape);
        if (images.Validation is { } validation) Draw("the validation", validation.Set, validation.Shape);

        static void Draw(string whose, ImageSet set, EpisodeShape shape)
        {
            try
            {
                _ = new EpisodeSampler(set, shape, 0);
            }
            catch (InputException e)
            {
                throw new InputException($"Of {whose}: {e.Message}", e);
            }
        }
    }

    /// <summary>Checks that a student's and a teacher's shapes fit together, and that the objectives can train the
    /// student.</summary>
    /// <exception cref="InputException">They don't, and the message says which methods can be used; or one can't.</exception>
    public static void CheckShapes(TrainingTask task)
    {
        var shapes = ShapeProbe.Observe(task);
        if (task.Method.Misfit(shapes) is { } why)
            throw new InputException($"{char.ToUpperInvariant(why[0])}{why[1..]}. These methods can: "
                + $"{Methods.NamesWhere(other => other.Misfit(shapes) is null)}.");
        foreach (var loss in task.Method.Stages.SelectMany(stage => stage.Losses))
        {
            using var objective = loss.Bind(shapes);
            objective.Attach(task.Student);
        }
    }
}
