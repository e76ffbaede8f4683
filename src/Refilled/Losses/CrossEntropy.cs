using Refilled.Data;
using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Cross-entropy of the student's logits <c>[B, C]</c> with the labels <c>[B]</c>: <c>-log softmax(f)_y</c>, mean
/// over the batch.</summary>
/// <remarks>A mixed image has the terms of both its labels, each times its part of the image.</remarks>
public sealed record CrossEntropy : PureLoss
{
    private const string Balanced = "balanced";

    /// <summary>How classes are weighed: "balanced" is w_c = n / (C·n_c) with n_c of n training images. Default: alike.</summary>
    /// <remarks>The mean over the batch is then the weighted one, the sum of the weighted terms over the sum of their weights, as of
    /// PyTorch's <c>CrossEntropyLoss(weight=…)</c>. So all classes count alike, however few images they have.</remarks>
    [AbsentUnlessGiven]
    public string? ClassWeights { get; init; }

    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.None;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Problem(ClassWeights is null or Balanced, "class-weights",
            $"must be {Balanced}, or be left out so that all images count alike, not '{ClassWeights}'"),
    ];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Classes are weighed, and the shapes don't say how many images each has.</exception>
    public override Objective Bind(SignalShapes shapes, long seed = 0) =>
        ClassWeights is null ? base.Bind(shapes, seed) : new BalancedObjective(this, shapes);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Classes are weighed: only an objective (<see cref="Bind"/>) knows how.</exception>
    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        if (ClassWeights is not null)
            throw new InvalidOperationException("Class weights are made of the training images: use Bind, with SignalShapes.ClassImages.");
        using var scope = NewDisposeScope();
        var sum = nn.functional.cross_entropy(student.Logits, labels.to(student.Logits.device), reduction: nn.Reduction.Sum);
        return LossTerm.Of(sum, labels.shape[0]);
    }

    /// <inheritdoc/>
    public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
        batch.Shares is null ? Compute(student, teacher, batch.Labels) : Between(student.Logits, batch, null);

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="logits">The student's, <c>[B, C]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, in 0 … C-1.</param>
    public Tensor Of(Tensor logits, Tensor labels) => Of(new Signals(logits: logits), Signals.None, labels);

    /// <summary>The loss of images that are weighed or mixed.</summary>
    /// <param name="logits"><c>[B, C]</c>.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="weights">Of each class, <c>[C]</c>; null where all are 1.</param>
    private static LossTerm Between(Tensor logits, Batch batch, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        var shares = batch.Shares?.to(logits.device);
        var (sum, mass) = Weighed(logits, batch.Labels, shares, weights);
        if (shares is not null)
        {
            var (others, theirs) = Weighed(logits, batch.PartnerLabels!, shares.From(1), weights);
            (sum, mass) = (sum.Plus(others), mass.Plus(theirs));
        }
        // Scaled, so that the term counts images as ever and its mean is the weighted one.
        return LossTerm.Of(weights is null ? sum : sum / mass.Over(batch.Size), batch.Size);
    }

    /// <summary>The sum of the weighted terms of some labels, and of their weights; scalars.</summary>
    private static (Tensor Sum, Tensor Mass) Weighed(Tensor logits, Tensor labels, Tensor? shares, Tensor? weights)
    {
        labels = labels.to(logits.device);
        var terms = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        var factors = weights?.index_select(0, labels) ?? ones_like(terms);
        if (shares is not null) factors = factors * shares;
        return ((terms * factors).sum(), factors.sum());
    }

    private sealed class BalancedObjective : Objective
    {
        private readonly Tensor weights;

        public BalancedObjective(CrossEntropy spec, SignalShapes shapes) : base(spec)
        {
            var images = shapes.ClassImages;
            if (images.Count != shapes.Classes)
                throw new ArgumentException($"Class weights need the number of training images of each of the {shapes.Classes} classes, "
                    + $"but SignalShapes.ClassImages has {images.Count}.", nameof(shapes));
            // A class without images has no label to weigh.
            weights = tensor(images.Select(own => (float)((double)images.Sum() / images.Count / Math.Max(1, own))).ToArray())
                .DetachFromDisposeScope();
            RegisterComponents();
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
            Between(student.Logits, batch, weights);
    }
}
