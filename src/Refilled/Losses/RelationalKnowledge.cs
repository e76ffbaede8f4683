using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Relational knowledge distillation: the distances and angles between the images of a batch should be the
/// teacher's.</summary>
/// <remarks>Each network's distances are in units of their mean; an angle is at an image, between two others. Smooth-L1 of the
/// differences, means over all B² and B³ entries, the zeros among them. Embeddings may differ in size. Park, Kim, Lu and Cho,
/// "Relational Knowledge Distillation", CVPR 2019; distances in the published code have a floor of 1e-6, and a difference of length
/// 0 has no direction: its cosine and its gradient are 0. Memory is B³ numbers.</remarks>
public sealed record RelationalKnowledge : PureLoss
{
    /// <summary>Below it a distance counts as it.</summary>
    private const double LeastDistance = 1e-6;

    /// <summary>Factor of the distances' part. Default 25 (the paper).</summary>
    public double DistanceWeight { get; init; } = 25;

    /// <summary>Factor of the angles' part. Default 50 (the paper).</summary>
    public double AngleWeight { get; init; } = 50;

    /// <inheritdoc/>
    public override string Name => "relational-knowledge";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public override bool ReadsLabels => false;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.NotNegative("distance-weight", DistanceWeight),
        .. Check.NotNegative("angle-weight", AngleWeight),
    ];

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var (learned, taught) = (student.Embedding.AtLeastFp32(), teacher.Embedding.detach().AtLeastFp32());
        var images = learned.shape[0];
        var mean = learned.sum().Times(0); // what stays of the graph where both weights are 0
        if (DistanceWeight > 0) mean = mean.Plus(OfDistances(learned, taught).Times(DistanceWeight));
        if (AngleWeight > 0) mean = mean.Plus(OfAngles(learned, taught).Times(AngleWeight));
        return LossTerm.Of(mean.Times(images), images);
    }

    /// <summary>The weight times the loss: a scalar with a gradient.</summary>
    /// <param name="learned">The student's embedding, <c>[B, d]</c>.</param>
    /// <param name="taught">The teacher's embedding, <c>[B, d']</c>.</param>
    public Tensor Of(Tensor learned, Tensor taught) => Weighted(new Signals(learned), new Signals(taught), null);

    /// <summary>The distances' part: a scalar.</summary>
    /// <param name="student">The student's embedding, <c>[B, d]</c>.</param>
    /// <param name="teacher">The teacher's embedding, <c>[B, d']</c>.</param>
    internal static Tensor OfDistances(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        return Mean(Relative(student), Relative(teacher)).MoveToOuterDisposeScope();
    }

    /// <summary>The angles' part: a scalar.</summary>
    /// <param name="student">The student's embedding, <c>[B, d]</c>.</param>
    /// <param name="teacher">The teacher's embedding, <c>[B, d']</c>.</param>
    internal static Tensor OfAngles(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        return Mean(Cosines(student), Cosines(teacher)).MoveToOuterDisposeScope();
    }

    /// <summary>Distances <c>[B, B]</c> divided by their mean over the B(B - 1) pairs of different images.</summary>
    private static Tensor Relative(Tensor rows)
    {
        var size = rows.shape[0];
        var own = eye(size, device: rows.device).to(ScalarType.Bool);
        var distances = Distances.Between(rows, rows).AtLeast(LeastDistance).Filled(own, 0);
        return distances / distances.sum().Over(Math.Max(1, size * (size - 1))).AtLeast(LeastDistance);
    }

    /// <summary>The cosine at image i between images j and k, <c>[B, B, B]</c>.</summary>
    private static Tensor Cosines(Tensor rows)
    {
        var size = rows.shape[0];
        var differences = rows.unsqueeze(0) - rows.unsqueeze(1);
        var directions = Distances.Unit(differences.flatten(0, 1)).view(size, size, rows.shape[1]);
        // Rows of length 0 keep slope 1 in Unit; a difference without a direction must have none.
        var apart = differences.detach().IsNot(0).any(2, keepdim: true).to(directions.dtype);
        directions = directions * apart;
        return directions.bmm(directions.transpose(1, 2));
    }

    private static Tensor Mean(Tensor student, Tensor teacher) =>
        nn.functional.smooth_l1_loss(student, teacher, nn.Reduction.Sum).Over(Math.Max(1, student.numel()));
}
