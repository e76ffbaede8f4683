using Refilled.Experiments.FewShot;
using Refilled.Recipes;

namespace Refilled.Tables.FewShot;

/// <summary>A row of a table of few-shot learners, or a part of one.</summary>
public sealed record MiddleShotRow : IValidated
{
    /// <summary>The row's name, as it is shown: of lower-case letters, digits, "-" and ".". It names files.</summary>
    public required string Name { get; init; }

    /// <summary>The learner; see <see cref="FewShotLearners"/>.</summary>
    public required string Learner { get; init; }

    /// <summary>The network of the table that it embeds with, or starts from.</summary>
    public required string Backbone { get; init; }

    /// <summary>The network of the table that is its teacher, where it reads one.</summary>
    public string? Teacher { get; init; }

    /// <summary>Its shots. Default: all of the table's.</summary>
    public IReadOnlyList<int>? Shots { get; init; }

    /// <summary>Number of tasks, the first ones of those that others are asked. Default: the base's.</summary>
    public int? Tasks { get; init; }

    /// <summary>What else it changes in the base, such as the learner's options.</summary>
    public RecipePart Edits { get; init; } = RecipePart.Empty;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Name is not null && !MiddleShotNetwork.Plain().IsMatch(Name)) yield return ("name", $"must be of lower-case letters, digits, - and ., and begin with a letter or digit, not '{Name}'");
        if (Shots is { Count: 0 }) yield return ("shots", "must not be empty; leave it out for all of the table's");
        if (Tasks is < 2 or > 1_000_000) yield return ("tasks", $"must be from 2 to 1000000, not {Tasks}");
        if (Learner is null) yield break; // missing, and reported as that
        if (Problem(Learner) is { } problem) yield return ("learner", problem);
        else if (Teacher is null && FewShotLearners.Find(Learner).ReadsTeacher) yield return ("teacher", $"the learner '{Learner}' reads a teacher: name a network of the table");
        else if (Teacher is not null && !FewShotLearners.Find(Learner).ReadsTeacher) yield return ("teacher", $"the learner '{Learner}' reads no teacher");
    }

    private static string? Problem(string learner)
    {
        try
        {
            FewShotLearners.Check(learner);
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }
}
