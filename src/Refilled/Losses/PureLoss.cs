using Refilled.Data;
using Refilled.Networks;

namespace Refilled.Losses;

/// <summary>A loss with nothing to train or prepare: it needs no object beyond its options.</summary>
public abstract record PureLoss : LossSpec
{
    /// <summary>The loss over a batch, unweighted: tensors in, term out.</summary>
    public abstract LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock);

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new PureObjective(this);

    private sealed class PureObjective(PureLoss loss) : Objective(loss)
    {
        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
            loss.Compute(student, teacher, batch, clock);
    }
}
