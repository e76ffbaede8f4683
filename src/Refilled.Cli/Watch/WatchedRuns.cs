using Refilled.Reports.Runs;

namespace Refilled.Cli.Watch;

/// <summary>The runs in a folder as they are now. Nothing is written, and nothing outside the folder is read.</summary>
/// <param name="root">The folder.</param>
internal sealed class WatchedRuns(string root)
{
    private readonly Lock door = new();
    private Dictionary<string, WatchedRun> runs = [];

    /// <summary>The folder.</summary>
    public string Root => root;

    /// <summary>The runs as they were seen last, by their names.</summary>
    public IReadOnlyList<WatchedRun> All
    {
        get
        {
            lock (door) return [.. runs.Values.OrderBy(run => run.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>A run by its name within the folder; null where none was seen by that name.</summary>
    public WatchedRun? Find(string id)
    {
        lock (door) return runs.GetValueOrDefault(id);
    }

    /// <summary>Looks again.</summary>
    /// <returns>What is new or has changed, and the names of those that are gone.</returns>
    public (IReadOnlyList<WatchedRun> Changed, IReadOnlyList<string> Gone) Look()
    {
        lock (door)
        {
            var (now, changed) = (new Dictionary<string, WatchedRun>(), new List<WatchedRun>());
            foreach (var path in RunPlaces.Within(root))
            {
                var id = Path.GetRelativePath(root, path).Replace('\\', '/');
                var stamp = RunStamp.Of(path);
                if (runs.TryGetValue(id, out var known) && known.Stamp == stamp)
                {
                    now[id] = known;
                    continue;
                }
                now[id] = new WatchedRun(id, stamp, RunRecord.Read(path));
                changed.Add(now[id]);
            }
            var gone = runs.Keys.Except(now.Keys).ToList();
            runs = now;
            return (changed, gone);
        }
    }
}

/// <summary>A run that is watched.</summary>
/// <param name="Id">Its folder within the watched one, with "/" between.</param>
/// <param name="Stamp">What it was when it was read.</param>
/// <param name="Record">What was read.</param>
internal sealed record WatchedRun(string Id, RunStamp Stamp, RunRecord Record);
