using Refilled.Data;
using Refilled.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A linear classifier that trains on embeddings which are known.</summary>
internal sealed class ClassifierModel : TaskModel
{
    private readonly NetworkCopies copies;
    private readonly Parameter weight, bias;
    private readonly TaskTeacher rows;
    private readonly Tensor support, queries;

    /// <param name="copies">Makes a network of the embedding and the classifier.</param>
    /// <param name="embeddings">The embeddings.</param>
    /// <param name="task">The task.</param>
    /// <param name="views">Random views that it trains on.</param>
    public ClassifierModel(NetworkCopies copies, ViewEmbeddings embeddings, FewShotTask task, int views)
    {
        this.copies = copies;
        using var scope = NewDisposeScope();
        var own = embeddings.Of(task.Support, views, task.Cancel);
        rows = new TaskTeacher(own, task.Support, CPU);
        support = own.narrow(0, 0, task.Support.Count).DetachFromDisposeScope();
        queries = embeddings.Of(task.Query, 0, task.Cancel).DetachFromDisposeScope();
        weight = new Parameter(zeros(task.Way, embeddings.Size).DetachFromDisposeScope());
        bias = new Parameter(zeros(task.Way).DetachFromDisposeScope());
        weight.DetachFromDisposeScope();
        bias.DetachFromDisposeScope();
    }

    public override int EmbeddingSize => rows.EmbeddingSize;

    public override Device Device => CPU;

    public override IEnumerable<(string Name, Parameter Parameter)> Parameters => [("weight", weight), ("bias", bias)];

    public override Signals Observe(Batch batch, Needs needs) => Classified(rows.Observe(batch, Needs.Embedding).Embedding);

    protected override Tensor SupportEmbedding() => support;

    protected override Signals ObserveQueries(Needs needs) => Classified(queries);

    protected override void SetClassifier(Tensor weight, Tensor bias)
    {
        using var _ = no_grad();
        this.weight.copy_(weight);
        this.bias.copy_(bias);
    }

    protected override EmbeddingNetwork TakeNetwork()
    {
        var network = copies.Lend((int)bias.shape[0]);
        network.SetClassifier(weight, bias);
        return network;
    }

    public override void Dispose()
    {
        rows.Dispose();
        support.Dispose();
        queries.Dispose();
        weight.Dispose();
        bias.Dispose();
    }

    private Signals Classified(Tensor embedding) => new(embedding, nn.functional.linear(embedding, weight, bias));
}
