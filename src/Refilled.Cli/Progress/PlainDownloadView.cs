using System.Diagnostics;
using System.Globalization;
using Refilled.Data.Fetch;

namespace Refilled.Cli.Progress;

/// <summary>A line at every tenth, at least each ten seconds, and for every broken connection: for logs.</summary>
internal sealed class PlainDownloadView(TextWriter log) : DownloadView
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    public override Task<T> RunAsync<T>(string name, Func<IProgress<DownloadProgress>, Task<T>> work)
    {
        var since = Stopwatch.StartNew();
        var tenth = -1L;
        return work(new Relay(now =>
        {
            var at = now.Total is > 0 and { } total ? 10 * now.Done / total : tenth;
            if (now.Trouble is null && at == tenth && since.Elapsed < Quiet) return;
            since.Restart();
            tenth = at;
            log.WriteLine(now.Trouble is null ? $"{name}: {Describe(now)}" : $"{name}: {now.Trouble}; trying again");
        }));
    }

    private static string Describe(DownloadProgress now)
    {
        var culture = CultureInfo.InvariantCulture;
        return now.Total is > 0 and { } total
            ? string.Create(culture, $"{now.Done / 1e6:0.0} of {total / 1e6:0.0} MB ({100.0 * now.Done / total:0} %)")
            : string.Create(culture, $"{now.Done / 1e6:0.0} MB");
    }
}
