using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A network as a teacher: frozen, in evaluation mode, never with a gradient.</summary>
public sealed class NetworkTeacher : ITeacher
{
    private readonly EmbeddingNetwork network;

    /// <inheritdoc cref="NetworkTeacher"/>
    /// <param name="network">The network; it is put into evaluation mode and its parameters are frozen.</param>
    /// <param name="classNames">Names of the classes that it was trained on.</param>
    public NetworkTeacher(EmbeddingNetwork network, IReadOnlyList<string> classNames)
    {
        this.network = network;
        ClassNames = classNames;
        network.eval();
        foreach (var parameter in network.parameters()) parameter.requires_grad = false;
    }

    /// <inheritdoc/>
    public Needs Provides => Needs.Embedding | Needs.Logits | Needs.FeatureMaps;

    /// <inheritdoc/>
    public int EmbeddingSize => network.EmbeddingSize;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs)
    {
        using var _ = no_grad();
        return network.Observe(batch.Images, needs);
    }
}
