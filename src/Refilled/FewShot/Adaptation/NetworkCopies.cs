using System.Collections.Concurrent;
using Refilled.Networks;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>Copies of a network for as many threads as ask, made when none is free.</summary>
/// <remarks>Each is lent with the original's embedding, and a classifier of its own, whose weights are whatever they
/// were.</remarks>
/// <param name="original">The network; it is read at every loan.</param>
internal sealed class NetworkCopies(EmbeddingNetwork original) : IDisposable
{
    private readonly ConcurrentDictionary<int, ConcurrentBag<EmbeddingNetwork>> free = new();

    /// <summary>A copy in evaluation mode, to be given back by <see cref="Return"/>.</summary>
    /// <param name="classes">Its number of classes.</param>
    public EmbeddingNetwork Lend(int classes)
    {
        var copy = free.TryGetValue(classes, out var idle) && idle.TryTake(out var known) ? known : Make(classes);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        ModuleState.CopyEmbedding(original, copy, "the network to adapt");
        copy.eval();
        return copy;
    }

    /// <summary>Takes a copy back.</summary>
    public void Return(EmbeddingNetwork copy)
    {
        foreach (var parameter in copy.parameters()) parameter.grad = null;
        free.GetOrAdd(copy.Classes, _ => []).Add(copy);
    }

    /// <summary>Frees the copies that aren't lent.</summary>
    public void Dispose()
    {
        foreach (var copy in free.Values.SelectMany(copies => copies)) copy.Dispose();
        free.Clear();
    }

    private EmbeddingNetwork Make(int classes)
    {
        // Dropout would draw from a generator that threads share.
        var copy = NetworkCatalog.Create(original.Architecture, original.Options with { Classes = classes, Dropout = 0 });
        copy.to(original.Device);
        // A caller's dispose scope would take the weights with it.
        foreach (var tensor in ModuleState.Of(copy).Values) tensor.DetachFromDisposeScope();
        return copy;
    }
}
