using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>Checks that images, a teacher and a student suit a method.</summary>
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

    /// <summary>Checks that there are the images that a method and its selection need.</summary>
    /// <exception cref="InputException">Few-shot tasks can't be drawn, classes have nothing to compare, or nothing is held out.</exception>
    public static void CheckImages(Method method, RunImages images)
    {
        CheckPairs(method, images);
        foreach (var stage in method.Stages)
            if (stage.Episode is { } shape) CheckTasks($"the stage '{stage.Name}' of the method '{method.Name}'", images.Train, shape);
        if (images.Validation is { } validation) CheckTasks("the validation", validation.Set, validation.Shape);
        if (method.Classifier is { ChoosesOnHeldOut: true } && images.HeldOut.Count == 0)
            throw new InputException($"The method '{method.Name}' chooses on held-out images, and none are held out: "
                + "hold-out must be above 0.");
    }

    /// <summary>Checks that a stage which compares images of a class finds some.</summary>
    private static void CheckPairs(Method method, RunImages images)
    {
        static bool Compares(Stage stage) => stage.Losses.Any(loss => loss.NeedsClassmates);
        var (lacking, number) = method.Stages.Select((stage, i) => (stage, i + 1)).FirstOrDefault(one => Compares(one.stage));
        if (lacking is null || images.Train.Labels.CountBy(label => label).Any(own => own.Value > 1)) return;
        var others = Methods.NamesWhere(other => !other.Stages.Any(stage => Compares(stage) || stage.Episode is not null)
            && (method.ComparesLogits || !other.ComparesLogits)
            && (images.HeldOut.Count > 0 || other.Classifier is not { ChoosesOnHeldOut: true }));
        throw new InputException($"Stage {number} ('{lacking.Name}') of the method '{method.Name}' has no pairs: "
            + $"{lacking.Losses.First(loss => loss.NeedsClassmates).Name} compares images of one class, and every class has a single "
            + $"training image{(images.HeldOut.Count > 0 ? " beside what is held out" : "")}. Give the classes more images, hold none out "
            + $"(--hold-out 0), or use a method that compares none: {others}.");
    }

    /// <summary>Checks that few-shot tasks can be drawn from a set.</summary>
    /// <exception cref="InputException">They can't; the message says of whom and why.</exception>
    public static void CheckTasks(string whose, ImageSet set, EpisodeShape shape)
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

    /// <summary>Checks that a teacher is what a method wants: a network to start from, or signals that it gives.</summary>
    /// <exception cref="InputException">It isn't; the message says which methods it can serve.</exception>
    public static void CheckNeeds(Method method, Teacher opened)
    {
        if (Serves(opened, method)) return;
        var lacking = method.Start == StudentStart.Teacher ? "starts from the teacher's own network, and this teacher gives answers alone"
            : $"reads the teacher's {method.TeacherNeeds & ~opened.Teach().Provides}, which this teacher doesn't give";
        throw new InputException($"The method '{method.Name}' {lacking}. It can serve: {ServedBy(opened)}.");
    }

    /// <summary>The names of the methods that a teacher can serve.</summary>
    public static string ServedBy(Teacher opened) => Methods.NamesWhere(method => method.HasTeacher && Serves(opened, method));

    // A network of ours gives everything, and isn't frozen by being asked.
    private static bool Serves(Teacher opened, Method method) => opened.IsNetwork
        || (method.Start != StudentStart.Teacher && (method.TeacherNeeds & ~opened.Teach().Provides) == Needs.None);

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
