using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Refilled.Files;

namespace Refilled.Training;

/// <summary>One run on disk. Only one process at a time holds it.</summary>
/// <remarks>It holds <c>recipe.yaml</c> (effective), <c>environment.json</c>, <c>metrics.jsonl</c>, <c>checkpoint.safetensors</c>,
/// <c>network.safetensors</c> (selected epoch), <c>adapter.safetensors</c> where the method keeps one beside it,
/// <c>network-last.safetensors</c> and <c>result.json</c>.</remarks>
public sealed class RunFolder : IDisposable
{
    /// <summary>How JSON is written here and on the command's output: camel case, no line breaks.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Json) { WriteIndented = true };

    /// <summary>Locked while a process holds the folder. It stays: deleting it could take the lock from another process.</summary>
    private const string LockName = ".lock";

    /// <summary>Name of the effective recipe in a run folder.</summary>
    public const string RecipeName = "recipe.yaml";

    /// <summary>Name of the selected epoch's network in a run folder.</summary>
    public const string NetworkName = Weights.NetworkFile.NameInRun;

    /// <summary>Name of what was trained beside the selected epoch's network in a run folder, where something is kept.</summary>
    public const string AdapterName = "adapter.safetensors";

    /// <summary>Name of what is recorded of the machine in a run folder.</summary>
    internal const string EnvironmentName = "environment.json";

    /// <summary>Name of the result in a run folder.</summary>
    public const string ResultName = "result.json";

    /// <summary>Name of the epochs' metrics in a run folder.</summary>
    internal const string MetricsName = "metrics.jsonl";

    private readonly FileStream hold;

    private RunFolder(string path, FileStream hold) => (Path, this.hold) = (path, hold);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The effective recipe.</summary>
    public string RecipeFile => In(RecipeName);

    /// <summary>The last checkpoint; absent before the first.</summary>
    public string CheckpointFile => In("checkpoint.safetensors");

    /// <summary>The checkpoint before the last; absent before the second, and at the end.</summary>
    internal string EarlierCheckpointFile => In("checkpoint-before.safetensors");

    /// <summary>Told what was found damaged and made up for, a sentence each. Default: nobody is.</summary>
    internal Action<string> Warn { get; set; } = _ => { };

    /// <summary>What of a run that failed is good, as the end of a sentence.</summary>
    internal string LastGood => File.Exists(CheckpointFile)
        ? $"the last good checkpoint is kept in '{CheckpointFile}'" : "there was no checkpoint before it";

    /// <summary>The network of the selected epoch; absent before the end.</summary>
    public string NetworkFile => In(NetworkName);

    /// <summary>What was trained beside the network of the selected epoch; absent before the end and where nothing is kept.</summary>
    public string AdapterFile => In(AdapterName);

    /// <summary>The network of the last epoch; absent before the end.</summary>
    public string LastNetworkFile => In("network-last.safetensors");

    /// <summary>The result; absent before the end.</summary>
    public string ResultFile => In(ResultName);

    /// <summary>One JSON object for each epoch.</summary>
    public string MetricsFile => In(MetricsName);

    /// <summary>Makes a new run folder; its parents are made too.</summary>
    /// <exception cref="InputException">It holds something already, can't be written, or is in use.</exception>
    public static RunFolder Create(string path)
    {
        MustBeFree(path);
        var folder = Hold(path);
        // What was begun before there was a recipe is no run, and nobody else holds the folder.
        foreach (var file in Directory.GetFiles(path).Where(IsBeginning)) File.Delete(file);
        return folder;
    }

    /// <summary>Checks that <see cref="Create"/> can make a run there, and makes nothing yet.</summary>
    /// <exception cref="InputException">There is something.</exception>
    internal static void MustBeFree(string path)
    {
        if (File.Exists(path)) throw new InputException($"The output folder '{path}' is a file; choose another with --out.");
        if (Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path)
                .Any(entry => System.IO.Path.GetFileName(entry) != LockName && !IsBeginning(entry)))
        {
            if (!File.Exists(System.IO.Path.Combine(path, RecipeName)))
                throw new InputException($"The output folder '{path}' is not empty and holds no run; choose another with --out.");
            Hold(path).Dispose(); // says first if another process is at work in it
            throw new InputException($"'{path}' already holds a run; go on with it by --resume, or choose another folder with --out.");
        }
    }

    /// <summary>Whether a file is what <see cref="Begin"/> had written when it was cut, before the recipe that makes a folder a run's.
    /// </summary>
    private static bool IsBeginning(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return (name == EnvironmentName && !File.Exists(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, RecipeName)))
            || (AtomicFile.IsBeginning(name, out var of) && of is RecipeName or EnvironmentName);
    }

    /// <summary>Opens a run folder to go on with it.</summary>
    /// <exception cref="InputException">There is no run in it, it can't be written, or it is in use.</exception>
    public static RunFolder Open(string path)
    {
        if (!File.Exists(System.IO.Path.Combine(path, RecipeName)))
            throw new InputException($"There is no run to resume in '{path}': it has no {RecipeName}.");
        var folder = Hold(path);
        // Nobody else is at work, so that what was being written never will be.
        foreach (var file in Directory.GetFiles(path).Where(file => AtomicFile.IsBeginning(System.IO.Path.GetFileName(file), out _)))
            File.Delete(file);
        return folder;
    }

    /// <summary>Deletes the checkpoint before the last, which a run that has ended needs no more.</summary>
    internal void DropEarlierCheckpoint() => File.Delete(EarlierCheckpointFile);

    /// <summary>What <see cref="Begin"/> wrote of the environment; null where nothing is recorded. The caller disposes it.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    internal JsonDocument? ReadEnvironment() => Environment(Path);

    /// <summary>The hash of the data that a run was begun with; null where a folder has no record of it.</summary>
    /// <exception cref="InputException">The record is damaged.</exception>
    internal static string? DataHash(string path)
    {
        using var begun = Environment(path);
        return begun is not null && begun.RootElement.TryGetProperty("dataHash", out var hash) ? hash.ToString() : null;
    }

    private static JsonDocument? Environment(string path)
    {
        var file = System.IO.Path.Combine(path, EnvironmentName);
        if (!File.Exists(file)) return null;
        try
        {
            var begun = JsonDocument.Parse(File.ReadAllText(file));
            if (begun.RootElement.ValueKind == JsonValueKind.Object) return begun;
            begun.Dispose();
            throw new JsonException("it holds no object");
        }
        catch (JsonException e)
        {
            throw new InputException($"'{file}' is damaged: {e.Message} It says what the run was begun with; without it, --resume "
                + "can't compare: delete it to go on unchecked.", e);
        }
    }

    /// <summary>Writes a text file atomically.</summary>
    public static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes the effective recipe and the environment at the start of a run.</summary>
    public void Begin(string recipe, object environment)
    {
        WriteText(In(EnvironmentName), JsonSerializer.Serialize(environment, Indented) + "\n");
        WriteText(RecipeFile, recipe);
    }

    /// <summary>Appends one line to the metrics.</summary>
    public void AppendMetrics(object metrics) => File.AppendAllText(MetricsFile, JsonSerializer.Serialize(metrics, Json) + "\n");

    /// <summary>Bytes of metrics written so far.</summary>
    public long MetricsLength => File.Exists(MetricsFile) ? new FileInfo(MetricsFile).Length : 0;

    /// <summary>Cuts the metrics back to where a checkpoint was written.</summary>
    public void TruncateMetrics(long length)
    {
        if (MetricsLength < length)
            Warn($"'{MetricsFile}' has lost {length - MetricsLength} bytes since the checkpoint was written; epochs are missing in it.");
        if (!File.Exists(MetricsFile)) return;
        using var stream = new FileStream(MetricsFile, FileMode.Open, FileAccess.Write);
        if (stream.Length > length) stream.SetLength(length);
    }

    /// <summary>Whether a process is at work in a folder.</summary>
    internal static bool IsHeld(string path)
    {
        try
        {
            // Shared, so that two who look don't see each other.
            using var look = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => hold.Dispose();

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static RunFolder Hold(string path)
    {
        var made = !Directory.Exists(path);
        try
        {
            Directory.CreateDirectory(path);
            return new RunFolder(path, Locked(path, again: true));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputException($"The output folder '{path}' can't be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new InputException(!made && File.Exists(System.IO.Path.Combine(path, LockName))
                ? $"The run folder '{path}' is in use by another process."
                : $"The output folder '{path}' can't be written: {e.Message}", e);
        }
    }

    /// <summary>The lock of a folder. The system drops it when the process ends, however it ends.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="again">Whether it is tried twice: somebody may just be looking (<see cref="IsHeld"/>).</param>
    private static FileStream Locked(string path, bool again)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (again)
        {
            Thread.Sleep(100);
            return Locked(path, again: false);
        }
    }
}
