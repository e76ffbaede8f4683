using Refilled.Networks;
using static TorchSharp.torch;

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
    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var sum = nn.functional.cross_entropy(student.Logits, labels.to(student.Logits.device), reduction: nn.Reduction.Sum);
        return LossTerm.Of(sum, labels.shape[0]);
    }

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="logits">The student's, <c>[B, C]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, in 0 … C-1.</param>
    public Tensor Of(Tensor logits, Tensor labels) => Of(new Signals(logits: logits), Signals.None, labels);
}
