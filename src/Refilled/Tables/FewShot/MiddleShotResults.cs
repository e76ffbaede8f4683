using System.Text.Json;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Training;

namespace Refilled.Tables.FewShot;

/// <summary>The results of a table of few-shot learners in a folder, a JSON file for each cell and for each network, written whole or not at
/// all.</summary>
/// <param name="folder">The folder; it needn't exist.</param>
public sealed class MiddleShotResults(string folder)
{
    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Where a cell's result is, or will be.</summary>
    public string PathOf(MiddleShotCell cell) => Path.Combine(folder, cell.ResultName);

    /// <summary>Where a network's record is, or will be.</summary>
    public string PathOf(TableNetwork network) => Path.Combine(folder, network.RecordName);

    /// <summary>All results of a table that are there, checked to belong together.</summary>
    /// <exception cref="InputException">A file can't be read, or was made with other data, settings, networks, tasks or version than the
    /// table or its other results; the message names both.</exception>
    public MiddleShotFound Read(MiddleShotPlan plan)
    {
        var found = new MiddleShotFound(
            plan.Networks.Where(network => File.Exists(PathOf(network))).ToDictionary(network => network, network => Read<NetworkRecord>(PathOf(network))),
            plan.Cells.Where(cell => File.Exists(PathOf(cell))).ToDictionary(cell => cell, cell => Read<FewShotRunResult>(PathOf(cell))));
        Check(found);
        return found;
    }

    /// <summary>Adds the record of a network.</summary>
    /// <exception cref="InputException">It doesn't belong to the table or to the other results.</exception>
    public MiddleShotFound Add(MiddleShotFound others, TableNetwork network, NetworkRecord record)
    {
        var all = others with { Networks = new Dictionary<TableNetwork, NetworkRecord>(others.Networks) { [network] = record } };
        Check(all);
        Write(PathOf(network), record);
        return all;
    }

    /// <summary>Adds the result of a cell.</summary>
    /// <exception cref="InputException">It doesn't belong to the table or to the other results.</exception>
    public MiddleShotFound Add(MiddleShotFound others, MiddleShotCell cell, FewShotRunResult result)
    {
        var all = others with { Cells = new Dictionary<MiddleShotCell, FewShotRunResult>(others.Cells) { [cell] = result } };
        Check(all);
        Write(PathOf(cell), result);
        return all;
    }

    /// <summary>Checks that results belong to a table and to each other.</summary>
    /// <exception cref="InputException">They don't; the message names what differs and both sides.</exception>
    public void Check(MiddleShotFound found)
    {
        foreach (var (cell, result) in found.Cells)
        {
            CheckVersion(PathOf(cell), result.ResultsVersion);
            if (result.SettingsHash != cell.SettingsHash) throw Settings(PathOf(cell), result.SettingsHash, cell.Id, cell.SettingsHash);
            if (result.Right.Count != result.Tasks || result.Right.Any(right => right < 0 || right > result.Queries))
                throw new InputException($"The result '{PathOf(cell)}' doesn't say how many of {result.Queries} queries were right in each of {result.Tasks} tasks.");
        }
        foreach (var (network, record) in found.Networks)
        {
            if (record.Run is { } run) CheckVersion(PathOf(network), run.ResultsVersion);
            if (record.Run?.SettingsHash != network.SettingsHash) throw Settings(PathOf(network), record.Run?.SettingsHash, network.Name, network.SettingsHash);
        }

        Same("the data", found.Cells.Select(pair => (pair.Key.Recipe.ImageSize.ToString()!, PathOf(pair.Key), pair.Value.DataHash))
            .Concat(found.Networks.Where(pair => pair.Value.Run is not null).Select(pair => (pair.Key.Recipe!.ImageSize.ToString()!, PathOf(pair.Key), pair.Value.Run!.DataHash))));
        Same("the network", found.Networks.Select(pair => (pair.Key.Name, PathOf(pair.Key), pair.Value.Hash))
            .Concat(found.Networks.Where(pair => pair.Key.Start is not null && pair.Value.Run?.StartHash is not null).Select(pair => (pair.Key.Start!.Name, PathOf(pair.Key), pair.Value.Run!.StartHash!)))
            .Concat(found.Cells.Select(pair => (pair.Key.Backbone.Name, PathOf(pair.Key), pair.Value.BackboneHash)))
            .Concat(found.Cells.Where(pair => pair.Key.Teacher is not null).Select(pair => (pair.Key.Teacher!.Name, PathOf(pair.Key), pair.Value.TeacherHash ?? ""))), name => $" '{name}'");
        Same("what was trained beside the network", found.Networks.Where(pair => pair.Value.AdapterHash is not null).Select(pair => (pair.Key.Name, PathOf(pair.Key), pair.Value.AdapterHash!))
            .Concat(found.Cells.Where(pair => pair.Value.AdapterHash is not null).Select(pair => (pair.Key.Backbone.Name, PathOf(pair.Key), pair.Value.AdapterHash!))), name => $" '{name}'");
        Same("the tasks", found.Cells.Select(pair => ($"{pair.Key.Shot}", PathOf(pair.Key), pair.Value.FirstTasksHash)), shot => $" with {shot} shots");
        Same("the number format", found.Cells.Where(pair => !FewShotLearners.Find(pair.Key.Row.Learner).ComputesInFp32).Select(pair => ("", PathOf(pair.Key), pair.Value.Precision)));
    }

    private static void Same(string what, IEnumerable<(string Of, string Path, string Value)> all, Func<string, string>? which = null)
    {
        foreach (var group in all.GroupBy(one => one.Of))
        {
            var first = group.First();
            foreach (var other in group.Where(one => one.Value != first.Value))
                throw new InputException($"The results '{first.Path}' and '{other.Path}' differ in {what}{which?.Invoke(group.Key)}: {Short(first.Value)} and {Short(other.Value)}. {TableResults.Cure}");
        }
    }

    private static void CheckVersion(string path, int version)
    {
        if (version != ResultsVersion.Current) throw new InputException($"The result '{path}' was made in results version {version}, and this is version {ResultsVersion.Current}. {TableResults.Cure}");
    }

    private static InputException Settings(string path, string? was, string id, string? now) =>
        new($"The result '{path}' was made with the recipe {Short(was)}, and the table's for {id} is {Short(now)}. {TableResults.Cure}");

    private static string Short(string? hash) => hash is null ? "none" : hash.Length > 12 ? hash[..12] + "…" : hash;

    private static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), RunFolder.Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The result '{path}' can't be read: {e.Message}", e);
        }
    }

    private void Write<T>(string path, T value)
    {
        Directory.CreateDirectory(folder);
        RunFolder.WriteText(path, JsonSerializer.Serialize(value, RunFolder.Json) + "\n");
    }
}
