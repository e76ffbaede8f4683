using Refilled.Data;
using Refilled.Losses.Features;
using Refilled.Networks;
using Refilled.Teachers;
using TorchSharp;

namespace Refilled.Losses;

/// <summary>A loss bound to a student and a teacher.</summary>
/// <remarks>What it trains (connectors) and what it prepared (class centres) are its parameters and buffers, so that they move,
/// train and are saved with it.</remarks>
public abstract class Objective : torch.nn.Module
{
    /// <inheritdoc cref="Objective"/>
    protected Objective(LossSpec spec) : base(spec.Name) => Spec = spec;

    /// <summary>What the objective was bound from.</summary>
    public LossSpec Spec { get; }

    /// <summary>Whether what the objective trains is a part of the result. Default: it isn't.</summary>
    /// <remarks>The transformer that adapts prototypes is; what only helps to train goes with the stage.</remarks>
    public virtual bool IsKept => false;

    /// <summary>Shows the objective the student, once, after it was bound and before anything else. Default: nothing.</summary>
    /// <remarks>Most read its signals alone.</remarks>
    /// <exception cref="InputException">The objective can't train such a network.</exception>
    public virtual void Attach(EmbeddingNetwork student) { }

    /// <summary>Runs once before the stage, unless a checkpoint restores the state. Default: nothing.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="train">The student's training images, hold-out excluded, in the evaluation view.</param>
    /// <param name="cancel">Stops it.</param>
    public virtual void Prepare(ITeacher teacher, IBatchSource train, CancellationToken cancel = default) { }

    /// <summary>The loss over a batch, unweighted.</summary>
    public abstract LossTerm Compute(Signals student, Signals teacher, Batch batch, TrainClock clock);
}

/// <summary>The sizes that an objective is bound to.</summary>
/// <param name="Classes">Number of the student's classes, C.</param>
/// <param name="StudentEmbedding">Size of the student's embedding, d.</param>
/// <param name="TeacherEmbedding">Size of the teacher's embedding, d'; 0 without a teacher.</param>
public sealed record SignalShapes(int Classes, int StudentEmbedding, int TeacherEmbedding)
{
    /// <summary>Training images of each class, <c>[C]</c>; empty where that isn't known.</summary>
    public IReadOnlyList<int> ClassImages { get; init; } = [];

    /// <summary>The student's feature maps, stage by stage; empty where the method reads none.</summary>
    public IReadOnlyList<FeatureShape> StudentMaps { get; init; } = [];

    /// <summary>The teacher's feature maps, stage by stage; empty where the method reads none.</summary>
    public IReadOnlyList<FeatureShape> TeacherMaps { get; init; } = [];
}
