using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>A loss with nothing to train or prepare: signals and labels are all that it reads.</summary>
public abstract record PureLoss : LossSpec
{
    /// <summary>The loss over a batch, unweighted: tensors in, term out.</summary>
    /// <param name="student">What was read from the student's pass: <see cref="LossSpec.StudentNeeds"/>.</param>
    /// <param name="teacher">What was read from the teacher's pass: <see cref="LossSpec.TeacherNeeds"/>.</param>
    /// <param name="labels">int64 <c>[B]</c>.</param>
    public abstract LossTerm Compute(Signals student, Signals teacher, Tensor labels);

    /// <summary>The loss over a batch, unweighted.</summary>
    public virtual LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
        Compute(student, teacher, batch.Labels);

    /// <summary>The weight times the mean over the items: a scalar with a gradient, for anybody's training loop.</summary>
    /// <param name="learned">What was read from the student's pass: <see cref="LossSpec.StudentNeeds"/>.</param>
    /// <param name="taught">What was read from the teacher's pass: <see cref="LossSpec.TeacherNeeds"/>; <see cref="Signals.None"/> where
    /// the loss reads none.</param>
    /// <param name="labels">int64 <c>[B]</c>.</param>
    /// <remarks><see cref="LossSpec.Decay"/> has no part in it: that is a matter of a stage's epochs.</remarks>
    /// <exception cref="ArgumentException">Student, teacher and labels are of different numbers of images.</exception>
    /// <exception cref="InvalidOperationException">A signal that the loss reads is missing.</exception>
    public Tensor Of(Signals learned, Signals taught, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Weighted(learned, taught, labels);
    }

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new PureObjective(this);

    /// <summary>As <see cref="Of"/>; the labels may be null where the loss doesn't read them.</summary>
    private protected Tensor Weighted(Signals learned, Signals taught, Tensor? labels)
    {
        BatchSizes.Check(labels, (learned, StudentNeeds), (taught, TeacherNeeds));
        using var scope = NewDisposeScope();
        return Compute(learned, taught, labels!).Mean().Times(Weight).MoveToOuterDisposeScope();
    }

    private sealed class PureObjective(PureLoss loss) : Objective(loss)
    {
        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
            loss.Compute(student, teacher, batch, clock);
    }
}
