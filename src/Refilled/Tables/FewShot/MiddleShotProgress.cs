
namespace Refilled.Tables.FewShot;

/// <summary>Something happened in a table of few-shot learners.</summary>
/// <param name="Id">Which network or cell.</param>
/// <param name="What">What happened.</param>
/// <param name="Left">What is still to be done, this one excluded.</param>
public sealed record MiddleShotProgress(string Id, TableEvent What, int Left)
{
    /// <summary>What was measured, in words, where it is done; else null.</summary>
    public string? Measured { get; init; }

    /// <summary>Why it failed; else null.</summary>
    public string? Failure { get; init; }
}
