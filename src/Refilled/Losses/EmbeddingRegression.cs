using Refilled.Data;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Makes the student's embedding one from which the teacher's can be read off; it needs no labels.</summary>
/// <remarks>1 − cos(P(s), t − μ), mean over images, with P a <see cref="Projector"/> that is trained along and dropped, and μ the mean of
/// the teacher's embedding over the training images in the evaluation view, without which all cosines are alike: an embedding behind a
/// ReLU lies in one corner. As SimReg (Navaneet et al., BMVC 2021), whose projector is an MLP, with the centring added. An image that the
/// teacher puts at μ itself, or the projector at 0, has loss 1.</remarks>
public sealed record EmbeddingRegression : LossSpec
{
    /// <summary>Units of a hidden layer of the projector, with batch norm and ReLU. Default: none, and the projector is linear.</summary>
    public int? Hidden { get; init; }

    /// <inheritdoc/>
    public override string Name => "embedding-regression";

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
        [.. base.Validate(), .. Check.Range("hidden", Hidden, 1, 65536)];

    /// <inheritdoc/>
    public override Objective Bind(SignalShapes shapes, long seed = 0) => new RegressionObjective(this, shapes, seed);

    private sealed class RegressionObjective : Objective
    {
        private readonly Projector projector;
        private readonly Tensor mean;

        public RegressionObjective(EmbeddingRegression spec, SignalShapes shapes, long seed) : base(spec)
        {
            using var generator = new Generator((ulong)seed);
            projector = new Projector(shapes.StudentEmbedding, shapes.TeacherEmbedding, spec.Hidden, generator);
            // NaN until prepared or restored: without centring it would train, and badly, and nobody would notice.
            mean = Numbers.Full([shapes.TeacherEmbedding], double.NaN, ScalarType.Float32, CPU).DetachFromDisposeScope();
            RegisterComponents();
        }

        public override void Prepare(ITeacher teacher, IBatchSource train, CancellationToken cancel = default)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            mean.copy_(TeacherEmbeddings.Read(teacher, train, cancel).Embeddings.to(ScalarType.Float64).mean([0]));
        }

        public override LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock)
        {
            using var scope = NewDisposeScope();
            var learned = Distances.Unit(projector.call(student.Embedding.AtLeastFp32()));
            var taught = Distances.Unit(teacher.Embedding.detach().AtLeastFp32() - mean);
            return LossTerm.Of((learned * taught).sum(1).From(1).sum(), learned.shape[0]);
        }
    }
}
