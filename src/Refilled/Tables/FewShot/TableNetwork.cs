using Refilled.Experiments;

namespace Refilled.Tables.FewShot;

/// <summary>A network of a table of few-shot learners, as it is trained.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Recipe">How it is trained; where it starts from and where its data lie are filled in when it is. Null where it was trained
/// already.</param>
/// <param name="Trained">Where it lies, if it was trained already; else null.</param>
public sealed record TableNetwork(string Name, Recipe? Recipe, string? Trained)
{
    /// <summary>The network of the table that it starts from; null where there is none.</summary>
    public TableNetwork? Start { get; init; }

    /// <summary>The name of the file that its record is kept in.</summary>
    public string RecordName => $"network_{Name}.json";

    /// <summary>What a result must say of its settings to be this network's; null where it was trained already.</summary>
    public string? SettingsHash => Recipe is null ? null : RecipeIdentity.Hash(Recipe);

    /// <summary>Whether a loss that trains something beside it, which is kept, is among its losses.</summary>
    internal bool Keeps(string loss) => Recipe is not null && Recipe.CreateMethod().Stages.Any(stage => stage.Losses.Any(spec => spec.Name == loss));
}
