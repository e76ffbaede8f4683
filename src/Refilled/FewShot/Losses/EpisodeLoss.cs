using Refilled.Data.Episodes;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;

namespace Refilled.FewShot.Losses;

/// <summary>What the losses over episodes share: a batch is one few-shot task.</summary>
/// <remarks>Its images stand in the order of <see cref="Data.Episodes.Episode"/>, the support before the queries. Labels are the
/// places in that order; those of the batch are not read.</remarks>
public abstract record EpisodeLoss : LossSpec
{
    /// <summary>The shape of the episodes. Default: 5-way 5-shot with 15 queries.</summary>
    public EpisodeShape Episode { get; init; } = new();

    /// <inheritdoc/>
    public sealed override EpisodeShape? TaskShape => Episode;

    /// <inheritdoc/>
    public sealed override Needs StudentNeeds => Needs.Embedding;

    /// <inheritdoc/>
    public sealed override Needs TeacherNeeds => Needs.None;

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
        [.. base.Validate(), .. Check.Part("episode", Episode.Validate())];
}
