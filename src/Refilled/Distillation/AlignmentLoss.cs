using Refilled.Data;
using Refilled.Mining;
using Refilled.Networks;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Distillation;

/// <summary>What the two forms of REFILLED's first stage share: both compare images by the distance matrices
/// <c>[B, B]</c> of the unit-normalised embeddings, over the semi-hard triplets of the student's embedding.</summary>
public abstract record AlignmentLoss : PureLoss
{
    /// <summary>τ, which distances are divided by. Default 4.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Largest margin of a semi-hard triplet. Default 0.2.</summary>
    public double Margin { get; init; } = 0.2;

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate()
    {
        foreach (var problem in base.Validate()) yield return problem;
        if (!(Temperature > 0 && double.IsFinite(Temperature))) yield return ("temperature", $"must be positive, not {Temperature}");
        if (!(Margin > 0 && double.IsFinite(Margin))) yield return ("margin", $"must be positive, not {Margin}");
    }

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
    {
        using var scope = NewDisposeScope();
        var studentDistances = Distances.OfUnitRows(student.Embedding);
        var teacherDistances = Distances.OfUnitRows(teacher.Embedding).detach();
        var triplets = new SemiHardMiner(Margin).Mine(studentDistances, batch.Labels.to(studentDistances.device));
        var divergences = Divergences(studentDistances, teacherDistances, triplets);
        // An empty sum still has a graph, with a zero gradient, so that the step needs no special case.
        return new LossTerm(divergences.sum().MoveToOuterDisposeScope(), full([], divergences.shape[0], ScalarType.Float32, divergences.device).MoveToOuterDisposeScope());
    }

    /// <summary>KL(teacher ‖ student) of each item.</summary>
    /// <param name="student">Distances <c>[B, B]</c>, with a gradient.</param>
    /// <param name="teacher">Distances <c>[B, B]</c>.</param>
    /// <param name="triplets">int64 <c>[T, 3]</c>; T may be 0.</param>
    /// <returns><c>[items]</c>.</returns>
    protected internal abstract Tensor Divergences(Tensor student, Tensor teacher, Tensor triplets);

    /// <summary>Entries (row, column) of a matrix <c>[B, B]</c>, of the indices' shape.</summary>
    protected static Tensor Entries(Tensor matrix, Tensor rows, Tensor columns)
    {
        using var scope = NewDisposeScope();
        var flat = (rows * matrix.shape[1] + columns).view(-1);
        return matrix.view(-1).index_select(0, flat).view(columns.shape).MoveToOuterDisposeScope();
    }
}
