using Refilled.Recipes;

namespace Refilled.FewShot.Learners;

/// <summary>The options of <see cref="SvmLearner"/>.</summary>
public sealed record SvmOptions : IValidated
{
    /// <inheritdoc cref="SvmLearner.C"/>
    /// <remarks>Default: none, and it is chosen on tasks of validation classes; see <see cref="SvmLearner.ChooseC"/>.</remarks>
    public double? C { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (C is { } c && !(c > 0 && double.IsFinite(c))) yield return ("c", $"must be positive, not {c}");
    }
}
