using System.Text.Json;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Everything that a run needs to go on bit for bit, as one safetensors file that is replaced atomically.</summary>
/// <remarks>The position, the student's weights and batch-norm statistics, velocities, objectives, the best weights so far, and the
/// meter's sums. Tensors are grouped by a prefix ("student/", "velocity/", …).</remarks>
internal sealed class Checkpoint : IDisposable
{
    private readonly SafetensorsFile file;

    private Checkpoint(SafetensorsFile file, CheckpointState state) => (this.file, State) = (file, state);

    /// <summary>The position and the numbers.</summary>
    public CheckpointState State { get; }

    /// <summary>The tensors of a group, without its prefix.</summary>
    public Dictionary<string, Tensor> Group(string name) => file.Tensors
        .Where(pair => pair.Key.StartsWith(name + "/", StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[(name.Length + 1)..], pair => pair.Value);

    /// <summary>Writes a checkpoint; until it is complete the one before stays in place, and afterwards under another name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">The position and the numbers.</param>
    /// <param name="groups">The tensors.</param>
    /// <param name="earlier">What the one before is called from then on; null replaces it.</param>
    public static void Write(string path, CheckpointState state,
        IEnumerable<(string Group, IEnumerable<KeyValuePair<string, Tensor>> Tensors)> groups, string? earlier = null) =>
        Safetensors.WriteSealed(path,
            from part in groups
            from pair in part.Tensors
            select KeyValuePair.Create($"{part.Group}/{pair.Key}", pair.Value),
            new Dictionary<string, string> { ["state"] = JsonSerializer.Serialize(state) }, earlier);

    /// <summary>The last checkpoint of a run that can be read; null where there is none yet.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="InputException">There are some, and none can be read.</exception>
    public static Checkpoint? Last(RunFolder folder)
    {
        InputException? damaged = null;
        foreach (var path in new[] { folder.CheckpointFile, folder.EarlierCheckpointFile }.Where(File.Exists))
            try
            {
                var read = Read(path);
                if (damaged is not null) folder.Warn($"{damaged.Message} The run goes on from the checkpoint before it.");
                return read;
            }
            catch (InputException e)
            {
                damaged ??= e;
            }
        return damaged is null ? null : throw new InputException(
            $"{damaged.Message} There is no other checkpoint that could be used: begin anew with another --out.", damaged);
    }

    /// <exception cref="InputException">The file is damaged or no checkpoint.</exception>
    public static Checkpoint Read(string path)
    {
        var file = Safetensors.Read(path);
        try
        {
            return new Checkpoint(file, JsonSerializer.Deserialize<CheckpointState>(file.Metadata["state"])!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            file.Dispose();
            throw new InputException($"'{path}' is no checkpoint: its metadata lacks a readable state.", e);
        }
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Where a run stands: the next step to do, and what has been chosen so far.</summary>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Epoch">The epoch in it, from 0; equal to the stage's epochs when it is done.</param>
/// <param name="Step">The next step in the epoch, from 0.</param>
/// <param name="BestScore">Selection measure of the best epoch of this stage so far, or null before the first.</param>
/// <param name="BestEpoch">That epoch.</param>
/// <param name="Seconds">Training time so far, over all resumes.</param>
/// <param name="MetricsLength">Bytes of metrics.jsonl that belong to this position.</param>
internal sealed record CheckpointState(
    int Stage, int Epoch, int Step, double? BestScore, int BestEpoch, double Seconds, long MetricsLength);
