namespace Refilled.Networks;

/// <summary>What is to be read from one pass of a network. A loss states its needs, a teacher what it provides, so
/// that a mismatch is found before any data is loaded.</summary>
[Flags]
public enum Needs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The globally pooled (or flattened) last feature map, <c>[B, d]</c>.</summary>
    Embedding = 1,

    /// <summary>The classifier's output before the softmax, <c>[B, C]</c>.</summary>
    Logits = 2,

    /// <summary>The output of each stage of the network, <c>[B, c, h, w]</c> each.</summary>
    FeatureMaps = 4,
}
