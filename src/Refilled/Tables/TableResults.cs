using System.Text.Json;
using Refilled.Experiments;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>The results of a table's jobs in a folder, one JSON file each, written whole or not at all.</summary>
/// <param name="folder">The folder; it needn't exist.</param>
internal sealed class TableResults(string folder)
{
    /// <summary>What to do about results of two kinds.</summary>
    internal const string Cure = "Results of two kinds don't belong in one table: delete the old ones, "
        + "or choose another folder with --results.";

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Where a job's result is, or will be.</summary>
    public string PathOf(Job job) => Path.Combine(folder, job.ResultName);

    /// <summary>Reads all results of a table that are there.</summary>
    /// <exception cref="InputException">One can't be read, or doesn't belong to the table or to the others.</exception>
    public FoundResults Read(TablePlan plan)
    {
        var found = new FoundResults(plan.Jobs.Where(job => File.Exists(PathOf(job)))
            .Select(job => (job, Read(PathOf(job), job.ResultType))));
        Check(found);
        return found;
    }

    /// <summary>Reads the result of a run from its folder.</summary>
    /// <exception cref="InputException">It can't be read.</exception>
    public static RunResult ReadRun(string runFolder) => (RunResult)Read(Path.Combine(runFolder, RunFolder.ResultName), typeof(RunResult));

    /// <summary>Adds a job's result to those that were found.</summary>
    /// <exception cref="InputException">It doesn't belong to the table or to the others.</exception>
    public FoundResults Add(FoundResults others, Job job, object result)
    {
        var all = others.With(job, result);
        Check(all);
        Directory.CreateDirectory(folder);
        RunFolder.WriteText(PathOf(job), JsonSerializer.Serialize(result, job.ResultType, RunFolder.Json) + "\n");
        return all;
    }

    /// <summary>Checks that results belong to their jobs and to each other.</summary>
    /// <exception cref="InputException">They don't; the message names what differs and both sides.</exception>
    public void Check(FoundResults found)
    {
        foreach (var (job, result) in found.All)
        {
            var measured = job.Measured(result);
            if (measured is not null && measured.ResultsVersion != ResultsVersion.Current)
                throw new InputException($"The result '{PathOf(job)}' was made in results version {measured.ResultsVersion}, "
                    + $"and this is version {ResultsVersion.Current}. {Cure}");
            if (measured?.SettingsHash != job.SettingsHash)
                throw new InputException($"The result '{PathOf(job)}' was made with the recipe {Short(measured?.SettingsHash)}, "
                    + $"and the table's for {job.Id} is {Short(job.SettingsHash)}. {Cure}");
            if (job.Problem(result) is { } problem) throw new InputException($"The result '{PathOf(job)}' {problem}");
        }
        var facts = found.All.SelectMany(pair => FactsOf(pair.Job, pair.Result));
        foreach (var group in facts.GroupBy(one => (one.Fact.What, one.Fact.Of)))
        {
            var (job, fact) = group.First();
            foreach (var (other, differs) in group.Where(one => one.Fact.Value != fact.Value))
                throw new InputException($"The results '{PathOf(job)}' and '{PathOf(other)}' differ in {fact.What}{fact.Which}: "
                    + $"{Short(fact.Value)} and {Short(differs.Value)}. {Cure}");
        }

        static IEnumerable<(Job Job, Fact Fact)> FactsOf(Job job, object result) => job.Facts(result).Select(fact => (job, fact));
    }

    private static object Read(string path, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), type, RunFolder.Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The result '{path}' can't be read: {e.Message} Delete it: then its run is taken up again.", e);
        }
    }

    private static string Short(string? hash) => hash is null ? "none" : hash.Length > 12 ? hash[..12] + "…" : hash;
}

/// <summary>What there is of a table's results, in the order of the jobs.</summary>
internal sealed class FoundResults
{
    private readonly Dictionary<Job, object> results;

    /// <inheritdoc cref="FoundResults"/>
    public FoundResults(IEnumerable<(Job Job, object Result)> results) =>
        this.results = results.ToDictionary(pair => pair.Job, pair => pair.Result);

    /// <summary>Nothing.</summary>
    public static FoundResults None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => results.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<(Job Job, object Result)> All => results.Select(pair => (pair.Key, pair.Value));

    /// <summary>Whether a job's is there.</summary>
    public bool Has(Job job) => results.ContainsKey(job);

    /// <summary>A job's result, or null.</summary>
    public T? Of<T>(Job job) where T : class => results.TryGetValue(job, out var result) ? (T)result : null;

    /// <summary>These and one more, in the place of the job's own.</summary>
    public FoundResults With(Job job, object result) => new(All.Where(pair => pair.Job != job).Append((job, result)));
}
