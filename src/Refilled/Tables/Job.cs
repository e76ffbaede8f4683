using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Teachers;

namespace Refilled.Tables;

/// <summary>A part of a table: something to train, or something to measure.</summary>
internal abstract record Job
{
    /// <summary>Its name in the table, and its folder below the table's.</summary>
    public abstract string Id { get; }

    /// <summary>Name of the file that its result is kept in.</summary>
    public abstract string ResultName { get; }

    /// <summary>What a result must say of its settings to be this job's; null where nothing is set.</summary>
    public abstract string? SettingsHash { get; }

    /// <summary>The jobs whose networks it reads.</summary>
    public abstract IEnumerable<TrainJob> Needs { get; }

    /// <summary>The type of its result.</summary>
    public abstract Type ResultType { get; }

    /// <summary>What problems are called by that are found before anything begins.</summary>
    public virtual string Label => Id;

    /// <summary>What a result says was measured; null where nothing was.</summary>
    public abstract Measured? Measured(object result);

    /// <summary>What a result must have in common with others.</summary>
    public abstract IEnumerable<Fact> Facts(object result);

    /// <summary>What is wrong with a result by itself, after "The result '…'"; null where nothing is.</summary>
    public virtual string? Problem(object result) => null;

    /// <summary>What a result says, in a few words.</summary>
    public abstract string Summary(object result);
}

/// <summary>Something that results must agree in.</summary>
/// <param name="What">Its name in messages, such as "the data".</param>
/// <param name="Of">What it is a fact of: results agree where this is equal.</param>
/// <param name="Value">The fact, such as a hash.</param>
/// <param name="Which">What stands behind its name in messages.</param>
internal readonly record struct Fact(string What, string Of, string Value, string Which = "");

/// <summary>A network to be trained, or one that was trained already.</summary>
/// <param name="Recipe">How; places are filled in when it is trained. Null where it was trained already.</param>
internal abstract record TrainJob(Recipe? Recipe) : Job
{
    /// <summary>Where it lies, if it was trained already; else null.</summary>
    public virtual string? Trained => null;

    /// <summary>The job that trains its teacher; null where none does.</summary>
    public virtual TrainJob? TeacherJob => null;

    /// <summary>The job that trains what it starts from; null where none does.</summary>
    public virtual TrainJob? StartJob => null;

    /// <summary>Whether it is trained for others alone, which read its network.</summary>
    public abstract bool IsMeans { get; }

    /// <inheritdoc/>
    public override IEnumerable<TrainJob> Needs => new[] { TeacherJob, StartJob }.OfType<TrainJob>();

    /// <inheritdoc/>
    public override string? SettingsHash => Recipe is null ? null : Identity.Hash(Recipe);

    /// <summary>What a result must have in common with others of the same images.</summary>
    protected string DataPlace => $"{Recipe?.Data} {Recipe?.ImageSize} {Recipe?.Depth} {Recipe?.GroupBy}";

    /// <summary>What is kept of it beside the results.</summary>
    /// <param name="run">The run that trained it; null where it was trained already.</param>
    /// <param name="place">Where it is: its run folder, or its network file.</param>
    /// <param name="formats">Formats of the caller's that it may be in where it was trained already.</param>
    public abstract object Keep(RunResult? run, string place, IReadOnlyList<ITeacherFormat> formats);
}

/// <summary>A learner to be measured over few-shot tasks.</summary>
/// <param name="Recipe">What is measured; places are filled in when it is.</param>
/// <param name="Backbone">The network that the learner embeds with, or starts from.</param>
/// <param name="Teacher">The network that is its teacher; null where it reads none.</param>
internal abstract record MeasureJob(FewShotRecipe Recipe, TrainJob Backbone, TrainJob? Teacher) : Job
{
    /// <inheritdoc/>
    public override string SettingsHash => Recipe.SettingsHash();

    /// <inheritdoc/>
    public override IEnumerable<TrainJob> Needs => Teacher is null ? [Backbone] : [Backbone, Teacher];

    /// <summary>What is kept of a measurement.</summary>
    public abstract FewShotRunResult Keep(FewShotRunResult result);
}

/// <summary>What a table's recipe stands for: its jobs, and how their results are reported.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Jobs">The jobs, each after those that it needs.</param>
internal abstract record TablePlan(string Title, IReadOnlyList<Job> Jobs)
{
    /// <summary>Whether the recipe names the data of all jobs.</summary>
    public abstract bool NamesData { get; }

    /// <summary>Makes the report of results that belong together, without training or reading data.</summary>
    public abstract TableReport Report(FoundResults found);
}
