using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Knowledge distillation between networks of the same classes: T² · KL(softmax(teacher / T) ‖ softmax(student / T)) of
/// the logits <c>[B, C]</c>, mean over images.</summary>
/// <remarks>Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015. The usual weights are 0.9, and 0.1 for
/// cross-entropy. Computed in fp64: the divergence of two nearly equal distributions loses three digits.</remarks>
public sealed record SoftTargets : PureLoss
{
    /// <summary>T, which both networks' logits are divided by; the factor T² keeps the gradient's size. Default 4 (the usual
    /// choice on CIFAR-100).</summary>
    public double Temperature { get; init; } = 4;

    /// <inheritdoc/>
    public override string Name => "soft-targets";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate()
    {
        foreach (var problem in base.Validate()) yield return problem;
        if (!(Temperature > 0 && double.IsFinite(Temperature))) yield return ("temperature", $"must be positive, not {Temperature}");
    }

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
    {
        using var scope = NewDisposeScope();
        var learned = LogProbabilities(student.Logits);
        var taught = LogProbabilities(teacher.Logits.detach());
        // exp underflows to 0 where the logarithm is still a finite number, so that 0 · ln 0 is 0 as it should be.
        var sum = (taught.exp() * (taught - learned)).sum().Times(Temperature * Temperature);
        return LossTerm.Of(sum, learned.shape[0]);
    }

    private Tensor LogProbabilities(Tensor logits) => nn.functional.log_softmax(logits.to(ScalarType.Float64).Over(Temperature), 1);
}
