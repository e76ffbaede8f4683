using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A teacher that says of a task's support what was read of it before, view by view.</summary>
internal sealed class TaskTeacher : ITeacher
{
    private readonly Tensor rows; // [(1 + views)·n, d'], the evaluation view first
    private readonly Dictionary<long, int> places = [];
    private readonly int count;

    /// <param name="embeddings">What <see cref="ViewEmbeddings.Of"/> gave for the support.</param>
    /// <param name="support">The support.</param>
    /// <param name="device">Where the embeddings shall be.</param>
    public TaskTeacher(Tensor embeddings, FewShotImages support, Device device)
    {
        rows = embeddings.to(device).alias().DetachFromDisposeScope();
        count = support.Count;
        for (var i = 0; i < count; i++) places[support.Source.Set.SampleIds[support.Positions[i]]] = i;
    }

    /// <inheritdoc/>
    public Needs Provides => Needs.Embedding;

    /// <inheritdoc/>
    public int EmbeddingSize => (int)rows.shape[1];

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => [];

    /// <inheritdoc/>
    public string Fingerprint => "";

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs)
    {
        using var scope = NewDisposeScope();
        var own = batch.SampleIds.Select((id, i) => (long)(batch.Views[i] - View.Evaluation) * count + places[id]).ToArray();
        return new Signals(rows.index_select(0, tensor(own, device: rows.device)).MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}
