using Refilled.Evaluation;
using Refilled.Losses;
using Refilled.Networks;

namespace Refilled.Training;

/// <summary>A row of the tables: a name and what is done, stage by stage.</summary>
/// <param name="Name">The row's name, such as "refilled".</param>
/// <param name="Stages">Each starts from the selected weights of the one before, with a fresh classifier. There is at least one,
/// except where a <see cref="Classifier"/> is fitted instead.</param>
public sealed record Method(string Name, IReadOnlyList<Stage> Stages)
{
    /// <summary>Which network is trained. Default: a fresh one.</summary>
    internal StudentStart Start { get; init; } = StudentStart.Fresh;

    /// <summary>What is fitted to the frozen embedding instead of training a network, or null. Default null.</summary>
    internal EmbeddingClassifier? Classifier { get; init; }

    /// <summary>What the method reads from the student's pass.</summary>
    public Needs StudentNeeds => Stages.Aggregate(Needs.None, (needs, stage) => needs | stage.StudentNeeds);

    /// <summary>What the method reads from a teacher's pass; <see cref="Needs.None"/> where it reads none.</summary>
    public Needs TeacherNeeds =>
        Stages.Aggregate(Classifier is null ? Needs.None : Needs.Embedding, (needs, stage) => needs | stage.TeacherNeeds);

    /// <summary>Whether there must be a teacher: to be read, or to be the student's start.</summary>
    public bool HasTeacher => TeacherNeeds != Needs.None || Start == StudentStart.Teacher;

    /// <summary>Whether the teacher's logits are compared with the student's, so that both must have the same classes.</summary>
    public bool ComparesLogits => TeacherNeeds.HasFlag(Needs.Logits);

    /// <summary>Why a student and a teacher of such shapes can't be used, or null where they can.</summary>
    public string? Misfit(SignalShapes shapes) => Stages.SelectMany(stage => stage.Losses)
        .Select(loss => loss.Misfit(shapes) is { } why ? $"the method '{Name}' can't be used, for its loss {loss.Name}: {why}" : null)
        .FirstOrDefault(why => why is not null);
}

/// <summary>Which network a method trains, and what its weights are at the start.</summary>
internal enum StudentStart
{
    /// <summary>The network that the recipe names, with weights drawn from the run's seed.</summary>
    Fresh,

    /// <summary>The teacher's own network with the teacher's weights, but for a fresh classifier of the student's classes.</summary>
    Teacher,
}
