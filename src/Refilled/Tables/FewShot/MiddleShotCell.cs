using Refilled.Experiments.FewShot;

namespace Refilled.Tables.FewShot;

/// <summary>A learner at a number of shots.</summary>
/// <param name="Row">The row.</param>
/// <param name="Shot">Labelled images of each class, K.</param>
/// <param name="Recipe">What is measured. Where its networks lie is filled in when it is.</param>
/// <param name="Backbone">The network that the learner embeds with, or starts from.</param>
/// <param name="Teacher">The network that is its teacher; null where it reads none.</param>
public sealed record MiddleShotCell(MiddleShotRow Row, int Shot, FewShotRecipe Recipe, TableNetwork Backbone, TableNetwork? Teacher)
{
    /// <summary>The cell's name: "refilled/5".</summary>
    public string Id => $"{Row.Name}/{Shot}";

    /// <summary>The name of the file that its result is kept in.</summary>
    public string ResultName => $"{Row.Name}_{Shot}.json";

    /// <summary>What a result must say of its settings to be this cell's.</summary>
    public string SettingsHash => FewShotIdentity.Hash(Recipe);

    /// <summary>The networks that it reads.</summary>
    internal IEnumerable<TableNetwork> Networks => Teacher is null ? [Backbone] : [Backbone, Teacher];
}
