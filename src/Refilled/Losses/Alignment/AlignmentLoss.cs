using Refilled.Networks;
using Refilled.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>What the two forms of REFILLED's first stage share: both compare images by their distances.</summary>
/// <remarks>The distances are matrices <c>[B, B]</c> of the unit-normalised embeddings; compared are the semi-hard triplets of the
/// student's embedding. Value and gradient are made together, anchor by anchor, so that memory stays O(B²): a batch of 1024 has
/// tens of millions of triplets, and automatic differentiation would keep all of them, several times.</remarks>
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
    internal override bool NeedsClassmates => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
        [.. base.Validate(), .. Check.Positive("temperature", Temperature), .. Check.Positive("margin", Margin)];

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var term = Between(Distances.OfUnitRows(student.Embedding), Distances.OfUnitRows(teacher.Embedding.detach()), labels);
        return new LossTerm(term.Sum.MoveToOuterDisposeScope(), term.Count.MoveToOuterDisposeScope());
    }

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="learned">The student's embedding, <c>[B, d]</c>.</param>
    /// <param name="taught">The teacher's embedding, <c>[B, d']</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>: which images are of one class.</param>
    public Tensor Of(Tensor learned, Tensor taught, Tensor labels) => Of(new Signals(learned), new Signals(taught), labels);

    /// <summary>The loss of two distance matrices, fp64 <c>[B, B]</c>; the student's may have a gradient.</summary>
    internal LossTerm Between(Tensor student, Tensor teacher, Tensor labels)
    {
        // The loops read the engine's memory by row: a smaller matrix would be read beyond its end.
        if (teacher.shape[0] != student.shape[0] || labels.shape[0] != student.shape[0])
            throw new ArgumentException("Student, teacher and labels must be of the same images, not "
                + $"{student.shape[0]}, {teacher.shape[0]} and {labels.shape[0]}.");
        using var scope = NewDisposeScope();
        var (sum, count, gradient) = student.device_type == DeviceType.CPU
            ? AnchorLoops.Run(this, student, teacher, labels)
            : Chunks(student, teacher, labels.to(student.device));
        // The linear function with the known gradient, moved to the known value. An empty sum keeps its graph, so that the
        // step needs no special case; and distances that are no numbers, though no triplet has them, make the loss no number.
        var linear = (student * gradient).sum();
        return new LossTerm((linear - linear.detach()).Plus(sum).MoveToOuterDisposeScope(), count.MoveToOuterDisposeScope());
    }

    /// <summary>The loss and its gradient by the engine's own operations, without waiting for the device; some anchors at a
    /// time.</summary>
    /// <returns>The sum (fp64) and the count (fp32) of the divergences, scalars; the sum's gradient <c>[B, B]</c>.</returns>
    internal (Tensor Sum, Tensor Count, Tensor Gradient) Chunks(Tensor student, Tensor teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var sum = zeros([], ScalarType.Float64, student.device);
        var count = zeros([], ScalarType.Float64, student.device);
        var gradient = zeros_like(student);
        var miner = new SemiHardMiner(Margin);
        var longest = Longest(miner, student, labels);
        foreach (var (from, mask) in miner.Masks(student, labels))
        {
            using var inner = NewDisposeScope();
            using (mask)
            {
                var (s, t) = (Gaps(student.narrow(0, from, mask.shape[0])), Gaps(teacher.narrow(0, from, mask.shape[0])));
                var (divergences, items, slopes) = Chunk(s, t, mask, longest);
                sum.Increase(divergences);
                count.Increase(items);
                gradient.narrow(0, from, mask.shape[0]).Increase((slopes.sum(dim: 1) - slopes.sum(dim: 2)).Over(Temperature));
            }
        }
        return (sum.MoveToOuterDisposeScope(), count.to(ScalarType.Float32).MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    /// <summary>The loss and its slopes over a chunk of anchors.</summary>
    /// <param name="student">(d_an - d_ap) / τ by anchor, neighbour and impostor, <c>[anchors, B, B]</c>.</param>
    /// <param name="teacher">The teacher's.</param>
    /// <param name="mask">Which are semi-hard triplets.</param>
    /// <param name="longest">Most impostors of a tuple, a scalar; null for all.</param>
    /// <returns>The sum of the divergences, their number, and the sum's derivative by each of the student's values.</returns>
    private protected abstract (Tensor Sum, Tensor Count, Tensor Slopes) Chunk(
        Tensor student, Tensor teacher, Tensor mask, Tensor? longest);

    /// <summary>Most impostors of a tuple, where all are cut to the same length; a scalar int64, or null.</summary>
    private protected virtual Tensor? Longest(SemiHardMiner miner, Tensor student, Tensor labels) => null;

    /// <summary>The loss and its gradient for one anchor: see <see cref="AnchorLoops"/>.</summary>
    internal (double Sum, long Count) Anchor(in AnchorRow row)
    {
        var (sum, count) = (0.0, 0L);
        foreach (var neighbour in row.Neighbours)
        {
            var impostors = row.Mine(neighbour, Margin);
            if (impostors == 0) continue;
            var (divergences, items) = Neighbour(row, neighbour, impostors);
            (sum, count) = (sum + divergences, count + items);
        }
        return (sum, count);
    }

    /// <summary>The loss and its gradient for one neighbour of an anchor.</summary>
    /// <param name="row">The anchor, with the neighbour's semi-hard impostors.</param>
    /// <param name="neighbour">The neighbour.</param>
    /// <param name="impostors">Their number, at least 1.</param>
    private protected abstract (double Sum, long Count) Neighbour(in AnchorRow row, int neighbour, long impostors);

    /// <summary>Whether every tuple has the length of the shortest.</summary>
    internal virtual bool CutsToShortest => false;

    private Tensor Gaps(Tensor rows) => (rows.unsqueeze(1) - rows.unsqueeze(2)).Divide(Temperature);
}
