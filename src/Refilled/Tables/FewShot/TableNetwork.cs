using Refilled.Experiments;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Refilled.Tables.FewShot;

/// <summary>A network of a table of few-shot learners.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Recipe">How it is trained; null where it was trained already.</param>
/// <param name="Given">Where it lies, if it was trained already; else null.</param>
internal sealed record TableNetwork(string Name, Recipe? Recipe, string? Given) : TrainJob(Recipe)
{
    /// <summary>The network of the table that it starts from; null where there is none.</summary>
    public TableNetwork? Start { get; init; }

    /// <inheritdoc/>
    public override string Id => Name;

    /// <inheritdoc/>
    public override string? Trained => Given;

    /// <inheritdoc/>
    public override TrainJob? StartJob => Start;

    /// <inheritdoc/>
    public override bool IsMeans => true;

    /// <inheritdoc/>
    public override string ResultName => $"network_{Name}.json";

    /// <inheritdoc/>
    public override Type ResultType => typeof(NetworkRecord);

    /// <summary>The fact which file a network is.</summary>
    public static Fact Is(TableNetwork network, string hash) => new("the network", network.Name, hash, $" '{network.Name}'");

    /// <summary>The fact which file lies beside a network.</summary>
    public static Fact HasBeside(TableNetwork network, string hash) =>
        new("what was trained beside the network", network.Name, hash, $" '{network.Name}'");

    /// <inheritdoc/>
    public override NetworkRecord Keep(RunResult? run, string place, IReadOnlyList<ITeacherFormat> formats)
    {
        var network = NetworkPlace.Find(place, "network");
        using var opened = run is null ? Teacher.Open(network, new TeacherOptions(CPU, Precision.Fp32), formats) : null;
        var adapter = AdapterFile.Beside(network.File);
        return new NetworkRecord(
            Name, run?.Student ?? opened!.Name, network.Hash, File.Exists(adapter) ? FileHash.Of(adapter) : null, run);
    }

    /// <inheritdoc/>
    public override Measured? Measured(object result) => ((NetworkRecord)result).Run;

    /// <inheritdoc/>
    public override IEnumerable<Fact> Facts(object result)
    {
        var record = (NetworkRecord)result;
        if (record.Run is { } run) yield return new("the data", DataPlace, run.DataHash);
        yield return Is(this, record.Hash);
        if (Start is not null && record.Run?.StartHash is { } start) yield return Is(Start, start);
        if (record.AdapterHash is { } adapter) yield return HasBeside(this, adapter);
    }

    /// <inheritdoc/>
    public override string Summary(object result)
    {
        if (((NetworkRecord)result).Run is not { } run) return "taken as it is";
        var measure = run.Validation is { } validation
            ? $"validation tasks {TableSheet.Number(validation, "0.0")} %" : $"top-1 {TableSheet.Number(run.Top1Selected, "0.0")} %";
        return Invariant($"{measure} ({run.Seconds:0} s)");
    }

    /// <summary>Whether a loss that trains something beside it, which is kept, is among its losses.</summary>
    internal bool Keeps(string loss) =>
        Recipe is not null && Recipe.CreateMethod().Stages.Any(stage => stage.Losses.Any(spec => spec.Name == loss));
}

/// <summary>What is kept of a network beside the results: which file they were measured with, and how it was trained.</summary>
/// <param name="Name">The network's name in the table.</param>
/// <param name="Architecture">The network's architecture.</param>
/// <param name="Hash">SHA-256 of its file.</param>
/// <param name="AdapterHash">SHA-256 of the file of what was trained beside it; null where nothing was.</param>
/// <param name="Run">The run that trained it; null where the table took it as it was.</param>
internal sealed record NetworkRecord(string Name, string Architecture, string Hash, string? AdapterHash, RunResult? Run);
