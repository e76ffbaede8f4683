namespace Refilled.Data;

/// <summary>The batches of several sources in one epoch, in a seeded order; each batch is of one source alone.</summary>
/// <param name="sources">The sources; each keeps its own order among its batches.</param>
/// <param name="seed">With the epoch it decides whose batch comes when.</param>
internal sealed class InterleavedStream(IReadOnlyList<IBatchSource> sources, int seed) : IBatchSource
{
    /// <inheritdoc/>
    public int StepsPerEpoch => sources.Sum(source => source.StepsPerEpoch);

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        var turns = Turns(epoch);
        var done = turns.Take(fromStep).CountBy(source => source).ToDictionary();
        var streams = sources.Select((source, i) => source.Epoch(epoch, done.GetValueOrDefault(i)).GetEnumerator()).ToList();
        try
        {
            foreach (var turn in turns.Skip(fromStep))
                if (streams[turn].MoveNext()) yield return streams[turn].Current;
        }
        finally
        {
            foreach (var stream in streams) stream.Dispose();
        }
    }

    /// <summary>Whose turn it is at each step.</summary>
    private int[] Turns(int epoch)
    {
        int[] inOrder = [.. sources.SelectMany((source, i) => Enumerable.Repeat(i, source.StepsPerEpoch))];
        return [.. SeedMix.Permutation(inOrder.Length, seed, SeedStream.Interleaving, epoch).Select(at => inOrder[at])];
    }
}
