using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using TorchSharp;

namespace Refilled.Losses;

/// <summary>A loss bound to a student and a teacher. What it trains (connectors) and what it prepared (class centres)
/// are its parameters and buffers, so that they move, train and are saved with it.</summary>
public abstract class Objective : torch.nn.Module
{
    /// <inheritdoc cref="Objective"/>
    protected Objective(LossSpec spec) : base(spec.Name) => Spec = spec;

    /// <summary>What the objective was bound from.</summary>
    public LossSpec Spec { get; }

    /// <summary>Whether what the objective trains is a part of the result, as the transformer that adapts prototypes is, rather than
    /// something that only helps to train and goes with the stage. Default: it isn't.</summary>
    public virtual bool IsKept => false;

    /// <summary>Shows the objective the student, once, after it was bound and before anything else. Most read its signals alone. Default: nothing.</summary>
    /// <exception cref="InputException">The objective can't train such a network.</exception>
    public virtual void Attach(EmbeddingNetwork student) { }

    /// <summary>Runs once before the stage, unless a checkpoint restores the state. Default: nothing.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="train">The student's training images, hold-out excluded, in the evaluation view.</param>
    public virtual void Prepare(ITeacher teacher, IBatchSource train) { }

    /// <summary>The loss over a batch, unweighted.</summary>
    public abstract LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock);
}
