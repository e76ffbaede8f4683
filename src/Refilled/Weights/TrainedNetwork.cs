using Refilled.Networks;

namespace Refilled.Weights;

/// <summary>A network and what its outputs mean.</summary>
/// <param name="Network">The network.</param>
/// <param name="ClassNames">The name of each logit, <c>[C]</c>.</param>
public sealed record TrainedNetwork(EmbeddingNetwork Network, IReadOnlyList<string> ClassNames);
