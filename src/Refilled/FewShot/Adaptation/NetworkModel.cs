using Refilled.Data;
using Refilled.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A copy of a network that trains as a whole.</summary>
internal sealed class NetworkModel : TaskModel
{
    /// <summary>Most images in one pass without a gradient.</summary>
    private const int LargestBatch = 256;

    private readonly NetworkCopies copies;
    private readonly EmbeddingNetwork network;
    private readonly BatchNormMode batchNorm;
    private readonly FewShotTask task;
    private Tensor? support, queries; // uint8, in the evaluation view
    private bool taken;

    public NetworkModel(NetworkCopies copies, FewShotTask task, BatchNormMode batchNorm)
    {
        (this.copies, this.task, this.batchNorm) = (copies, task, batchNorm);
        network = copies.Lend(task.Way);
    }

    public override IEnumerable<(string Name, Parameter Parameter)> Parameters => network.named_parameters();

    public override Device Device => network.Device;

    public override int EmbeddingSize => network.EmbeddingSize;

    public override Signals Observe(Batch batch, Needs needs)
    {
        if (network.training != (batchNorm == BatchNormMode.Batch)) network.train(batchNorm == BatchNormMode.Batch);
        return network.Observe(batch.Images, needs);
    }

    protected override Tensor SupportEmbedding()
    {
        support ??= task.Support.Images().DetachFromDisposeScope();
        return Read(support, Needs.Embedding).Embedding;
    }

    protected override Signals ObserveQueries(Needs needs)
    {
        queries ??= task.Query.Images().DetachFromDisposeScope();
        return Read(queries, needs);
    }

    protected override void SetClassifier(Tensor weight, Tensor bias) => network.SetClassifier(weight, bias);

    protected override EmbeddingNetwork TakeNetwork()
    {
        taken = true;
        foreach (var parameter in network.parameters()) parameter.grad = null;
        network.eval();
        return network;
    }

    public override void Dispose()
    {
        support?.Dispose();
        queries?.Dispose();
        if (!taken) copies.Return(network);
    }

    private Signals Read(Tensor images, Needs needs)
    {
        network.eval();
        var parts = Enumerable.Range(0, (int)((images.shape[0] + LargestBatch - 1) / LargestBatch))
            .Select(i => (From: i * LargestBatch, Count: Math.Min(LargestBatch, images.shape[0] - i * LargestBatch)))
            .Select(part => network.Observe(images.narrow(0, part.From, part.Count), needs)).ToList();
        Tensor? Joined(Needs part, Func<Signals, Tensor> read) =>
            !needs.HasFlag(part) ? null : parts.Count == 1 ? read(parts[0]) : cat([.. parts.Select(read)], 0);
        return new Signals(Joined(Needs.Embedding, signals => signals.Embedding), Joined(Needs.Logits, signals => signals.Logits));
    }
}
