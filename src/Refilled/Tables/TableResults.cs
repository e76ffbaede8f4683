using System.Text.Json;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>The results of a table's finished runs in a folder, one JSON file each, written whole or not at all.</summary>
/// <param name="folder">The folder; it needn't exist.</param>
public sealed class TableResults(string folder)
{
    /// <summary>What to do about results of two kinds.</summary>
    internal const string Cure = "Results of two kinds don't belong in one table: delete the old ones, or choose another folder with --results.";

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Where a run's result is, or will be.</summary>
    public string PathOf(TableCell cell) => Path.Combine(folder, cell.ResultName);

    /// <summary>All results of a table that are there, checked to belong together.</summary>
    /// <exception cref="InputException">A file can't be read, or was made with other data, another recipe, teacher or version than the
    /// table or its other results; the message names both.</exception>
    public IReadOnlyDictionary<TableCell, RunResult> Read(TablePlan plan)
    {
        var found = plan.All.Where(cell => File.Exists(PathOf(cell))).ToDictionary(cell => cell, cell => Read(PathOf(cell)));
        Check(plan, found);
        return found;
    }

    /// <summary>Reads one result.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static RunResult Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunResult>(File.ReadAllText(path), RunFolder.Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The result '{path}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Adds the result of a run.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="cell">The run.</param>
    /// <param name="result">Its result.</param>
    /// <param name="others">Results that it must belong to.</param>
    /// <exception cref="InputException">It doesn't belong to the table or to the others.</exception>
    public void Add(TablePlan plan, TableCell cell, RunResult result, IReadOnlyDictionary<TableCell, RunResult> others)
    {
        Check(plan, new Dictionary<TableCell, RunResult>(others) { [cell] = result });
        Directory.CreateDirectory(folder);
        RunFolder.WriteText(PathOf(cell), JsonSerializer.Serialize(result, RunFolder.Json) + "\n");
    }

    /// <summary>Checks that results belong to a table and to each other.</summary>
    /// <exception cref="InputException">They don't; the message names what differs and both sides.</exception>
    public void Check(TablePlan plan, IReadOnlyDictionary<TableCell, RunResult> results)
    {
        foreach (var (cell, result) in results)
        {
            if (result.ResultsVersion != ResultsVersion.Current)
                throw new InputException($"The result '{PathOf(cell)}' was made in results version {result.ResultsVersion}, and this is version {ResultsVersion.Current}. {Cure}");
            if (result.SettingsHash != cell.SettingsHash)
                throw new InputException($"The result '{PathOf(cell)}' was made with the recipe {Short(result.SettingsHash)}, and the table's for {cell.Id} is {Short(cell.SettingsHash)}. {Cure}");
            CheckBits(cell, result);
        }
        Same(results, cell => cell.Recipe.Data, result => result.DataHash, "the data");
        Same(results.Where(pair => pair.Value.TeacherHash is not null), cell => $"{cell.Teacher?.Id ?? cell.TrainedTeacher}", result => result.TeacherHash!, "the teacher");
        Same(results.Where(pair => pair.Value.StartHash is not null), cell => $"{cell.Recipe.Start}", result => result.StartHash!, "the network that they start from");
        Same(results.Where(pair => !pair.Key.IsTeacher), cell => cell.Split, result => result.TestHash!, "the test images");
        Same(results, _ => "", result => result.Precision, "the number format");

        void Same(IEnumerable<KeyValuePair<TableCell, RunResult>> among, Func<TableCell, string> of, Func<RunResult, string> what, string name)
        {
            foreach (var group in among.GroupBy(pair => of(pair.Key)))
            {
                var first = group.First();
                foreach (var other in group.Where(pair => what(pair.Value) != what(first.Value)))
                    throw new InputException($"The results '{PathOf(first.Key)}' and '{PathOf(other.Key)}' differ in {name}: {Short(what(first.Value))} and {Short(what(other.Value))}. {Cure}");
            }
        }
    }

    private void CheckBits(TableCell cell, RunResult result)
    {
        try
        {
            if (result.Right is null || result.RightSelected is null || result.TestHash is null) throw new FormatException("It lacks which images were right.");
            foreach (var bits in new[] { result.Right, result.RightSelected }) RightImages.Decode(bits, result.TestImages);
        }
        catch (FormatException e)
        {
            throw new InputException($"The result '{PathOf(cell)}' doesn't say which test images were right: {e.Message}", e);
        }
    }

    private static string Short(string? hash) => hash is null ? "none" : hash.Length > 12 ? hash[..12] + "…" : hash;
}
