using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>A teacher whose embedding of sample i is row i.</summary>
internal sealed class StoredTeacher(Tensor embeddings, Needs provides = Needs.Embedding) : ITeacher
{
    public string Fingerprint => "stored";

    public Needs Provides => provides;

    public int EmbeddingSize => (int)embeddings.shape[1];

    public IReadOnlyList<string> ClassNames => [];

    /// <summary>As it comes from a place.</summary>
    public Teacher Opened() => new(new NetworkPlace("stored"), "stored", this);

    public void Dispose() { }

    public Signals Observe(Batch batch, Needs needs) => new(embeddings.index_select(0, tensor(batch.SampleIds.ToArray())));
}
