using Refilled.Networks;

namespace Refilled.FewShot;

/// <summary>A learner whose solution of a task is a network, which can be kept.</summary>
public interface IStudentMaker : IFewShotLearner
{
    /// <summary>The network that solves a task, with the task's classes, in evaluation mode. The caller owns it.</summary>
    /// <param name="task">The task; its queries are not read, and there may be none.</param>
    EmbeddingNetwork MakeStudent(FewShotTask task);
}
