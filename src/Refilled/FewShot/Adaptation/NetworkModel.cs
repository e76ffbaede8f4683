using Refilled.Data;
using Refilled.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A copy of a network that trains as a whole.</summary>
internal sealed class NetworkModel : TaskModel
{
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
        return Signals.Join(images.split(BatchStream.EvaluationSize).Select(part => network.Observe(part, needs)));
    }
}
