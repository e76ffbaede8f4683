using Refilled.Data.Episodes;
using Refilled.Losses;
using Refilled.Networks;

namespace Refilled.FewShot.Losses;

/// <summary>What the losses over episodes share: a batch is one few-shot task.</summary>
/// <remarks>Its images stand in the order of <see cref="Data.Episodes.Episode"/>, the support before the queries. Labels are the
/// places in that order; those of the batch are not read.</remarks>
public abstract record EpisodeLoss : LossSpec
{
    /// <inheritdoc/>
    public sealed override EpisodeShape? Episode => Shape;

    /// <summary>The option behind <see cref="Episode"/>: an override that a base declares without a setter can't be given one.</summary>
    private protected abstract EpisodeShape Shape { get; }

    /// <inheritdoc/>
    public sealed override Needs StudentNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public sealed override Needs TeacherNeeds => Needs.None;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate()
    {
        foreach (var problem in base.Validate()) yield return problem;
        foreach (var (path, message) in Shape.Validate()) yield return ($"episode.{path}", message);
    }
}
