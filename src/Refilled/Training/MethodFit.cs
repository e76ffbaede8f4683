using Refilled.Distillation;
using Refilled.Teachers;

namespace Refilled.Training;

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
            throw new InputException($"The method '{method.Name}' compares the teacher's logits with the student's class by class, but {e.Message}. "
                + $"Choose the same classes with --setting standard, or a method that compares none: {Methods.NamesWhere(other => !other.ComparesLogits)}.", e);
        }
    }

    /// <summary>Checks that the shapes of what a student and a teacher give fit together.</summary>
    /// <exception cref="InputException">They don't; the message says which methods can be used.</exception>
    public static void CheckShapes(TrainingTask task)
    {
        var shapes = ShapeProbe.Observe(task);
        if (task.Method.Misfit(shapes) is { } why)
            throw new InputException($"{char.ToUpperInvariant(why[0])}{why[1..]}. These methods can: {Methods.NamesWhere(other => other.Misfit(shapes) is null)}.");
    }
}
