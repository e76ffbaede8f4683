using Refilled.Data.Episodes;

namespace Refilled.FewShot;

/// <summary>A few labelled images, and others to classify.</summary>
/// <param name="Number">The task's number, which seeds what a learner draws at random.</param>
/// <param name="Way">Number of classes, N.</param>
/// <param name="Support">The labelled images.</param>
/// <param name="Query">Those to classify; their labels are for the evaluator alone.</param>
public sealed record FewShotTask(long Number, int Way, FewShotImages Support, FewShotImages Query)
{
    /// <summary>The task of a number from a sampler over the source's set.</summary>
    public static FewShotTask Of(FewShotSource source, EpisodeSampler sampler, long number)
    {
        var episode = sampler[number];
        FewShotImages Images(IReadOnlyList<int> positions) => new(source, positions, [.. Enumerable.Range(0, positions.Count).Select(i => i % episode.Shape.Way)]);
        return new FewShotTask(number, episode.Shape.Way, Images(episode.Support), Images(episode.Queries));
    }
}
