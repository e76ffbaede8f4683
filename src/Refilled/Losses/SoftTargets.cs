using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Knowledge distillation between networks of the same classes, by their logits <c>[B, C]</c>.</summary>
/// <remarks>T² · KL(softmax(teacher / T) ‖ softmax(student / T)), mean over images. Hinton, Vinyals and Dean, "Distilling the
/// Knowledge in a Neural Network", 2015. The usual weights are 0.9, and 0.1 for cross-entropy. Computed in fp64: the divergence of
/// two nearly equal distributions loses three digits.</remarks>
public sealed record SoftTargets : PureLoss
{
    /// <summary>T, which both networks' logits are divided by. Default 4 (the usual choice on CIFAR-100).</summary>
    /// <remarks>The factor T² keeps the gradient's size.</remarks>
    public double Temperature { get; init; } = 4;

    /// <inheritdoc/>
    public override string Name => "soft-targets";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override bool ReadsLabels => false;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
        [.. base.Validate(), .. Check.Positive("temperature", Temperature)];

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var learned = LogProbabilities(student.Logits);
        var taught = LogProbabilities(teacher.Logits.detach());
        // exp underflows to 0 where the logarithm is still a finite number, so that 0 · ln 0 is 0 as it should be.
        var sum = (taught.exp() * (taught - learned)).sum().Times(Temperature * Temperature);
        return LossTerm.Of(sum, learned.shape[0]);
    }

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="learned">The student's logits, <c>[B, C]</c>.</param>
    /// <param name="taught">The teacher's logits, <c>[B, C]</c>.</param>
    public Tensor Of(Tensor learned, Tensor taught) => Weighted(new Signals(logits: learned), new Signals(logits: taught), null);

    private Tensor LogProbabilities(Tensor logits) => nn.functional.log_softmax(logits.to(ScalarType.Float64).Over(Temperature), 1);
}
