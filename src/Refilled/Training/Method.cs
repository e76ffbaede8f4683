using Refilled.Networks;

namespace Refilled.Training;

/// <summary>A row of the tables: a name and what is done, stage by stage.</summary>
/// <param name="Name">The row's name, such as "refilled".</param>
/// <param name="Stages">At least one stage; each starts from the selected weights of the one before, with a fresh classifier.</param>
public sealed record Method(string Name, IReadOnlyList<Stage> Stages)
{
    /// <summary>What the method reads from a teacher; <see cref="Needs.None"/> where it has none.</summary>
    public Needs TeacherNeeds => Stages.Aggregate(Needs.None, (needs, stage) => needs | stage.TeacherNeeds);
}
