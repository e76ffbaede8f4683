using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Teachers;

namespace Refilled.Reports.Looks;

/// <summary>A run's teacher's embedding of some test images.</summary>
/// <param name="Name">The teacher's network.</param>
/// <param name="Rows">Unit rows, one for each image.</param>
internal sealed record TeacherRows(string Name, IReadOnlyList<double[]> Rows)
{
    /// <summary>Asks the teacher of a run, if it is at hand.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="set">The images.</param>
    /// <param name="formats">Formats of the caller's.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Null where the run had no teacher, or where it can't be opened any more.</returns>
    public static TeacherRows? Of(Recipe recipe, ImageSet set, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        if (recipe.Teacher is not { } path) return null;
        try
        {
            using var opened = Teacher.Open(Teacher.Find(path, formats: formats), Machine.Resolve(recipe).Networks, formats);
            return Of(opened, set, cancel);
        }
        catch (InputException)
        {
            return null;
        }
    }

    /// <summary>Asks a teacher that is open.</summary>
    public static TeacherRows Of(Teacher opened, ImageSet set, CancellationToken cancel)
    {
        using var read = opened.IsNetwork ? NetworkReader.Read(opened.Trained.Network, set, cancel)
            : TeacherReader.Read(opened.Teach(), set, cancel);
        return new TeacherRows(opened.Name, read.UnitRows());
    }
}
