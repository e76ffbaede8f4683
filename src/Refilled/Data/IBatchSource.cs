namespace Refilled.Data;

/// <summary>Anything that yields the batches of an epoch in an order that depends on its seed and the epoch alone.</summary>
public interface IBatchSource
{
    /// <summary>Number of batches in an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>The batches of epoch <paramref name="epoch"/> from step <paramref name="fromStep"/> on: the same
    /// batches that a full pass over the epoch yields from there. The caller disposes each batch.</summary>
    IEnumerable<Batch> Epoch(int epoch, int fromStep = 0);
}
