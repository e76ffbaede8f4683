namespace Refilled.Cli.Bench;

/// <summary>How long an alignment loss takes, from the embeddings to their gradient: distances, mining, value, backward.</summary>
/// <param name="Batch">Images, B.</param>
/// <param name="Form">"triplet" or "tuple".</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="ExtraMiB">Peak resident memory above what was there before; null where the system doesn't tell.</param>
/// <param name="Triplets">Triplets or tuples found.</param>
public sealed record MiningTiming(int Batch, string Form, double Ms, double? ExtraMiB, long Triplets);
