using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using static System.FormattableString;

namespace Refilled.Tables.FewShot;

/// <summary>A learner at a number of shots.</summary>
/// <param name="Row">The row.</param>
/// <param name="Shot">Labelled images of each class, K.</param>
/// <param name="Recipe">What is measured.</param>
/// <param name="Backbone">The network that the learner embeds with, or starts from.</param>
/// <param name="Teacher">The network that is its teacher; null where it reads none.</param>
internal sealed record FewShotCell(FewShotTableRow Row, int Shot, FewShotRecipe Recipe, TableNetwork Backbone, TableNetwork? Teacher)
    : MeasureJob(Recipe, Backbone, Teacher)
{
    /// <inheritdoc cref="MeasureJob.Backbone"/>
    public new TableNetwork Backbone => (TableNetwork)base.Backbone;

    /// <inheritdoc cref="MeasureJob.Teacher"/>
    public new TableNetwork? Teacher => (TableNetwork?)base.Teacher;

    /// <summary>The cell's name: "refilled/5".</summary>
    public override string Id => $"{Row.Name}/{Shot}";

    /// <inheritdoc/>
    public override string ResultName => $"{Row.Name}_{Shot}.json";

    /// <inheritdoc/>
    public override Type ResultType => typeof(FewShotRunResult);

    /// <inheritdoc/>
    public override FewShotRunResult Keep(FewShotRunResult result) => result with { Row = Row.Name };

    /// <inheritdoc/>
    public override Measured Measured(object result) => (FewShotRunResult)result;

    /// <inheritdoc/>
    public override IEnumerable<Fact> Facts(object result)
    {
        var measured = (FewShotRunResult)result;
        yield return new("the data", $"{Recipe.Data} {Recipe.ImageSize} {Recipe.Depth} {Recipe.GroupBy}", measured.DataHash);
        yield return TableNetwork.Is(Backbone, measured.BackboneHash);
        if (Teacher is not null) yield return TableNetwork.Is(Teacher, measured.TeacherHash ?? "");
        if (measured.AdapterHash is { } adapter) yield return TableNetwork.HasBeside(Backbone, adapter);
        yield return new("the tasks", $"{Shot}", measured.FirstTasksHash, $" with {Shot} shots");
        if (!FewShotLearners.Find(Row.Learner).ComputesInFp32) yield return new("the number format", "", measured.Precision);
    }

    /// <inheritdoc/>
    public override string? Problem(object result)
    {
        var measured = (FewShotRunResult)result;
        return measured.Right.Count == measured.Tasks && measured.Right.All(right => right >= 0 && right <= measured.Queries) ? null
            : $"doesn't say how many of {measured.Queries} queries were right in each of {measured.Tasks} tasks.";
    }

    /// <inheritdoc/>
    public override string Summary(object result)
    {
        var found = (FewShotRunResult)result;
        return Invariant($"{found.Mean:0.0} ± {found.HalfWidth:0.0} % ({found.Tasks} tasks, {found.Seconds:0} s)");
    }
}
