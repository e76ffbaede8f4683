using Refilled.Networks;

namespace Refilled.FewShot;

/// <summary>An objective whose training makes a learner of few-shot tasks, which chooses the best epoch by validation tasks.</summary>
public interface ILearnerObjective
{
    /// <summary>A learner by the network and by what the objective trained, as both are when it is asked.</summary>
    /// <remarks>A <see cref="FewShotSource"/> keeps what it read of a network, so that each epoch needs a new source.</remarks>
    IFewShotLearner Learner(EmbeddingNetwork network);
}
