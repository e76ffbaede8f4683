using Refilled.Losses;
using Refilled.Networks;

namespace Refilled.Training;

/// <summary>What chooses a stage's best epoch in place of held-out images; see <see cref="SelectionMeasure.Episodes"/>.</summary>
public interface IEpochScore
{
    /// <summary>What it asks, such as "200 validation tasks of 16 other classes".</summary>
    string Description { get; }

    /// <summary>How good the student is now, in [0, 1]; it and the objectives are in evaluation mode.</summary>
    /// <param name="student">The student.</param>
    /// <param name="objectives">What the stage trains beside it.</param>
    double Score(EmbeddingNetwork student, IReadOnlyList<Objective> objectives);
}
