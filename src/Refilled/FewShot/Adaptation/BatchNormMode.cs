namespace Refilled.FewShot.Adaptation;

/// <summary>What batch norms do while a network is trained on a support set; their scales and shifts train in either case.</summary>
public enum BatchNormMode
{
    /// <summary>They keep the mean and variance that they came with.</summary>
    Kept,

    /// <summary>They use those of each batch while it trains, which few images estimate poorly, and running means of these when it is
    /// asked.</summary>
    Batch,
}
