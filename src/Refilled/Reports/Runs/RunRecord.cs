using System.Text.Json;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Reports.Runs;

/// <summary>How far a run is.</summary>
internal enum RunState
{
    /// <summary>It is at work.</summary>
    Training,

    /// <summary>It was stopped before its end, and <c>--resume</c> takes it up.</summary>
    Stopped,

    /// <summary>It has ended.</summary>
    Done,
}

/// <summary>What a run folder says of a run, whatever state the folder is in.</summary>
/// <remarks>Nothing in it is believed, and nothing is written. What is missing or damaged is told, and the rest is read.</remarks>
/// <param name="Path">The folder.</param>
internal sealed record RunRecord(string Path)
{
    /// <summary>How far it is.</summary>
    public required RunState State { get; init; }

    /// <summary>Its recipe; null where it can't be read.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>The recipe as it was written; null likewise.</summary>
    public string? RecipeText { get; init; }

    /// <summary>Its result; null before the end, or where it can't be read.</summary>
    public RunResult? Result { get; init; }

    /// <summary>Its epochs so far.</summary>
    public required IReadOnlyList<EpochRecord> Epochs { get; init; }

    /// <summary>What was recorded of the machine; null where nothing was.</summary>
    public JsonElement? Environment { get; init; }

    /// <summary>The hash of the data that it was begun with; null where that isn't recorded.</summary>
    public string? DataHash => Environment is { ValueKind: JsonValueKind.Object } recorded
        && recorded.TryGetProperty("dataHash", out var hash) ? hash.ToString() : null;

    /// <summary>What couldn't be read, a sentence each.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The folder's name.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Epochs of all stages by its recipe; null where that can't be told.</summary>
    public int? PlannedEpochs
    {
        get
        {
            try
            {
                return Recipe?.CreateMethod().Stages.Sum(stage => stage.Settings(Recipe.Stage1, Recipe.Stage2).Epochs);
            }
            catch (InputException)
            {
                return null; // A method of another version.
            }
        }
    }

    /// <summary>Whether it has a network that can be looked at.</summary>
    public bool HasNetwork => File.Exists(In(RunFolder.NetworkName));

    /// <summary>Whether a folder is a run's.</summary>
    public static bool IsRun(string path) => File.Exists(System.IO.Path.Combine(path, RunFolder.RecipeName));

    /// <summary>Reads a folder.</summary>
    public static RunRecord Read(string path)
    {
        var problems = new List<string>();
        string In(string name) => System.IO.Path.Combine(path, name);
        var recipe = Tried(In(RunFolder.RecipeName), problems, file => RecipeReader.Read<Recipe>(file, []));
        var result = Tried(In(RunFolder.ResultName), problems, ReadResult);
        var environment = Tried(In(RunFolder.EnvironmentName), problems, file =>
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return (object)document.RootElement.Clone();
        });
        var epochs = EpochRecord.Read(In(RunFolder.MetricsName), problems);
        if (result is { Epochs: > 0 } && epochs.Count == 0) problems.Add($"{RunFolder.MetricsName} has no epochs.");
        if (File.Exists(In(RunFolder.NetworkName)))
            Tried(In(RunFolder.NetworkName), problems, file => { NetworkFile.Check(file); return file; });
        else if (result is not null && recipe?.Method != Methods.NearestNeighbour) problems.Add($"{RunFolder.NetworkName} is missing.");
        return new RunRecord(path)
        {
            State = result is not null ? RunState.Done : RunFolder.IsHeld(path) ? RunState.Training : RunState.Stopped,
            Recipe = recipe, RecipeText = Tried(In(RunFolder.RecipeName), [], File.ReadAllText), Result = result, Epochs = epochs,
            Environment = (JsonElement?)environment, Problems = problems,
        };
    }

    /// <summary>A file that is read, if it is there and can be.</summary>
    private static T? Tried<T>(string file, List<string> problems, Func<string, T?> read) where T : class
    {
        if (!File.Exists(file)) return null;
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is not OutOfMemoryException) // It is somebody's file: anything may be in it.
        {
            var why = e is JsonException { LineNumber: { } line } ? $"it is no such JSON, near line {line + 1}." : e.Message.Split('\n')[0];
            problems.Add($"{System.IO.Path.GetFileName(file)} can't be read: {why}");
            return null;
        }
    }

    /// <exception cref="JsonException">It is none, or holds what is beyond any number.</exception>
    private static RunResult ReadResult(string file)
    {
        var result = JsonSerializer.Deserialize<RunResult>(File.ReadAllText(file), RunFolder.Json)
            ?? throw new JsonException("It is null.");
        double[] numbers = [result.Top1, result.Top1Selected, result.Top5, result.Ncm, result.Seconds, result.Validation ?? 0];
        return numbers.All(double.IsFinite) ? result : throw new JsonException("It holds infinite numbers.");
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
