using Refilled.Data;
using Refilled.Networks;
using TorchSharp;

namespace Refilled.Losses;

/// <summary>Cross-entropy of the student's logits <c>[B, C]</c> with the labels <c>[B]</c>: <c>-log softmax(f)_y</c>, mean
/// over the batch.</summary>
public sealed record CrossEntropy : PureLoss
{
    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.None;

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
    {
        using var scope = torch.NewDisposeScope();
        var sum = torch.nn.functional.cross_entropy(student.Logits, batch.Labels.to(student.Logits.device), reduction: torch.nn.Reduction.Sum);
        return LossTerm.Of(sum, batch.Size);
    }
}
