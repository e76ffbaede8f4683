using Refilled.Data;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Lets a teacher of other classes judge the student's, by a nearest-class-mean classifier of its embedding.</summary>
/// <remarks><para>Its embedding and class centres make a classifier over the classes present in the batch, and the student's softmax over
/// the same classes is drawn to it; KL(teacher ‖ student), mean over samples, no τ² factor. λ is the weight. REFILLED (CVPR 2020),
/// second stage.</para>
/// <para>A mixed image belongs to the class that most of it is of: it makes that one present, and is a member of its mean alone. Counted in
/// both by its parts, an image that is the only one of its partner's class would be that class's centre, and the teacher would call it by
/// the lesser label. What is mixed into it the teacher sees, and says so by its distances. Global centres are of images as they
/// are.</para></remarks>
public sealed record LocalClassifier : LossSpec
{
    /// <summary>As the poster: batch means, squared distance, not normalised, λ 1, τ 2.</summary>
    public static LocalClassifier Paper { get; } = new();

    /// <summary>As the authors' later code: unit-normalised global means, inner product, λ 100, τ 2.</summary>
    public static LocalClassifier Authors { get; } = new() { Centres = Centres.Global, Similarity = Similarity.InnerProduct, Weight = 100 };

    /// <summary>Which centres. Default: the batch's means (the poster).</summary>
    public Centres Centres { get; init; } = Centres.Batch;

    /// <summary>How embeddings are compared with centres. Default: squared distance (the poster).</summary>
    public Similarity Similarity { get; init; } = Similarity.SquaredDistance;

    /// <summary>How they are brought to scale. Default: not (the poster).</summary>
    public Normalisation Normalise { get; init; } = Normalisation.None;

    /// <summary>The mean that squared distances are rescaled to under <see cref="Normalisation.MeanSquare"/>. Default 8 (ours).</summary>
    public double MeanSquare { get; init; } = 8;

    /// <summary>What the teacher's similarities are divided by. Default 2.</summary>
    public double TeacherTemperature { get; init; } = 2;

    /// <summary>What the student's logits are divided by. Default 2 (GKD's code: 1).</summary>
    public double StudentTemperature { get; init; } = 2;

    /// <inheritdoc/>
    public override string Name => "local-classifier";

    /// <inheritdoc/>
    public override Needs StudentNeeds => Needs.Logits;

    /// <inheritdoc/>
    public override Needs TeacherNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public override bool TakesMixed => true;

    /// <inheritdoc/>
    internal override bool NeedsClassmates => Centres == Centres.LeaveOneOut;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
    [
        .. base.Validate(),
        .. Check.Positive("teacher-temperature", TeacherTemperature),
        .. Check.Positive("student-temperature", StudentTemperature),
        .. Check.Positive("mean-square", MeanSquare),
        .. Check.Problem(Normalise != Normalisation.MeanSquare || Similarity != Similarity.InnerProduct, "normalise",
            "mean-square rescales squared distances; with similarity inner-product there are none. Use unit or none"),
        .. Check.Problem(Normalise != Normalisation.MeanSquare || Centres != Centres.Global, "normalise",
            "mean-square doesn't fit global centres: they have unit length, so that the embedding's own length makes most of every "
            + "distance, and the teacher is nearly uniform. Use unit, with a teacher-temperature of 0.1 to 0.3"),
    ];

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new LocalClassifierObjective(this, shapes);

    /// <summary>The weight times the mean: a scalar with a gradient.</summary>
    /// <param name="learned">The student's logits, <c>[B, C]</c>.</param>
    /// <param name="taught">The teacher's embedding, <c>[B, d']</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, in 0 … C-1.</param>
    /// <exception cref="InvalidOperationException">Centres are global: only an objective (<see cref="Bind"/>) prepares such.</exception>
    public Tensor Of(Tensor learned, Tensor taught, Tensor labels)
    {
        if (Centres == Centres.Global) throw new InvalidOperationException("Global centres are made by an objective's Prepare: use Bind.");
        BatchSizes.Check(labels, (new Signals(taught, learned), Needs.Embedding | Needs.Logits));
        using var scope = NewDisposeScope();
        return Between(learned, taught, labels, (int)learned.shape[1], null).Mean().Times(Weight).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of logits <c>[B, C]</c> and an embedding <c>[B, d']</c>; see <see cref="Teach"/>.</summary>
    private LossTerm Between(Tensor logits, Tensor embedding, Tensor labels, int classes, Tensor? globalCentres)
    {
        using var scope = NewDisposeScope();
        var (taught, present, counted) = Teach(embedding, labels.to(embedding.device), classes, globalCentres);
        var learned = Learn(logits, present);
        // Absent classes are -inf in both, and -inf - -inf is no number: their part of the divergence is 0.
        var difference = (taught - learned).Filled(present.logical_not().unsqueeze(0), 0);
        var divergence = (taught.exp() * difference).sum(dim: 1) * counted.to(difference.dtype);
        return new LossTerm(divergence.sum().MoveToOuterDisposeScope(), counted.sum().to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>The teacher's probabilities over the classes, and which entries and samples count.</summary>
    /// <param name="embedding">The teacher's embedding <c>[B, d]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, in 0 … classes-1.</param>
    /// <param name="classes">C.</param>
    /// <param name="globalCentres">Unit rows <c>[C, d]</c> under <see cref="Centres.Global"/>, else null.</param>
    /// <returns>Log-probabilities <c>[B, C]</c>, -inf for absent classes; bool <c>[C]</c>, the classes present; bool
    /// <c>[B]</c>, the samples that count.</returns>
    internal (Tensor LogProbabilities, Tensor Present, Tensor Counted) Teach(
        Tensor embedding, Tensor labels, int classes, Tensor? globalCentres)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var phi = embedding.AtLeastFp32();
        if (Normalise == Normalisation.Unit) phi = Distances.Unit(phi);
        var member = nn.functional.one_hot(labels, classes).to(phi.dtype); // [B, C]
        var counts = member.sum(dim: 0);
        var present = counts.Above(0);
        var centres = globalCentres?.to(phi.dtype) ?? ClassMeans.Of(phi, labels, classes);

        var counted = ones_like(labels).to(ScalarType.Bool);
        Tensor similarity;
        if (Similarity == Similarity.SquaredDistance)
        {
            var squared = Distances.Between(phi, centres).Squared();
            if (Centres == Centres.LeaveOneOut)
            {
                // φ - (np - φ)/(n - 1) = (φ - p) n/(n - 1): the own centre without the sample is that much further away.
                var factor = (counts / counts.Plus(-1).AtLeast(1)).Squared();
                squared = where(member.Above(0), squared * factor, squared);
            }
            similarity = -squared;
        }
        else
        {
            similarity = phi.matmul(centres.transpose(0, 1));
            if (Centres == Centres.LeaveOneOut)
            {
                var own = (similarity * counts - phi.Squared().sum(dim: 1).unsqueeze(1)) / counts.Plus(-1).AtLeast(1);
                similarity = where(member.Above(0), own, similarity);
            }
        }
        if (Centres == Centres.LeaveOneOut) counted = counts.index_select(0, labels).Above(1);
        if (Normalise == Normalisation.MeanSquare)
        {
            var valid = present.unsqueeze(0).logical_and(counted.unsqueeze(1)).to(phi.dtype);
            var mean = -(similarity * valid).sum() / valid.sum().AtLeast(1);
            similarity = similarity * mean.AtLeast(1e-12).reciprocal().Times(MeanSquare);
        }
        return (Among(similarity, present, TeacherTemperature).MoveToOuterDisposeScope(), present.MoveToOuterDisposeScope(),
            counted.MoveToOuterDisposeScope());
    }

    /// <summary>Log-softmax of the student's logits over the present classes, <c>[B, C]</c>; -inf for absent ones.</summary>
    internal Tensor Learn(Tensor logits, Tensor present) => Among(logits, present, StudentTemperature);

    private static Tensor Among(Tensor logits, Tensor present, double temperature)
    {
        using var scope = NewDisposeScope();
        var scaled = logits.AtLeastFp32().Over(temperature);
        var among = scaled.Filled(present.logical_not().unsqueeze(0), double.NegativeInfinity);
        return nn.functional.log_softmax(among, 1).MoveToOuterDisposeScope();
    }

    private sealed class LocalClassifierObjective : Objective
    {
        private readonly LocalClassifier spec;
        private readonly int classes;
        private readonly Tensor? centres;

        public LocalClassifierObjective(LocalClassifier spec, SignalShapes shapes) : base(spec)
        {
            (this.spec, classes) = (spec, shapes.Classes);
            // NaN until prepared or restored: zero centres would make a uniform teacher that nobody notices.
            long[] shape = [shapes.Classes, shapes.TeacherEmbedding];
            if (spec.Centres == Centres.Global)
                centres = Numbers.Full(shape, double.NaN, ScalarType.Float32, CPU).DetachFromDisposeScope();
            RegisterComponents();
        }

        public override void Prepare(ITeacher teacher, IBatchSource train, CancellationToken cancel = default)
        {
            if (centres is null) return;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var (embeddings, labels) = TeacherEmbeddings.Read(teacher, train, cancel);
            if (spec.Normalise == Normalisation.Unit) embeddings = Distances.Unit(embeddings);
            centres.copy_(ClassMeans.UnitOf(embeddings.to(ScalarType.Float64), labels, classes));
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock) =>
            spec.Between(student.Logits, teacher.Embedding, batch.MainLabels, classes, centres);
    }
}

/// <summary>Which class centres the local classifier compares with.</summary>
public enum Centres
{
    /// <summary>Means over the batch (the poster).</summary>
    Batch,

    /// <summary>Means over the batch without the sample itself, for its own class (ours).</summary>
    /// <remarks>Else a class with one member in the batch is its own centre, and the teacher degenerates to the label.</remarks>
    LeaveOneOut,

    /// <summary>Unit-normalised means over the training set in the evaluation view (the authors' later code).</summary>
    Global,
}

/// <summary>How the teacher's embedding is compared with a class centre.</summary>
public enum Similarity
{
    /// <summary>Minus the squared Euclidean distance (the poster).</summary>
    SquaredDistance,

    /// <summary>The inner product (the authors' later code).</summary>
    InnerProduct,
}

/// <summary>How the teacher's embeddings or distances are brought to scale.</summary>
public enum Normalisation
{
    /// <summary>Not at all: the softmax is as sharp as the teacher's scale happens to make it.</summary>
    None,

    /// <summary>Embeddings are divided by their norm, before any mean.</summary>
    /// <remarks>Squared distances are at most 4 then, and the teacher's temperature should be small, such as 0.2.</remarks>
    Unit,

    /// <summary>The batch's squared distances are rescaled to a given mean (ours).</summary>
    /// <remarks>Not with global centres: they have unit length, and the embedding's own length would outweigh all
    /// differences.</remarks>
    MeanSquare,
}
