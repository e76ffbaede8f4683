using Refilled.Data.Fetch;

namespace Refilled.Cli.Progress;

/// <summary>Shows a download while it runs.</summary>
internal abstract class DownloadView
{
    /// <summary>A live bar in a terminal, plain lines elsewhere.</summary>
    public static DownloadView For(Terminal terminal) => terminal.Live ? new LiveDownloadView() : new PlainDownloadView(terminal.Error);

    /// <summary>Runs the work and shows what it reports.</summary>
    public abstract Task<T> RunAsync<T>(string name, Func<IProgress<DownloadProgress>, Task<T>> work);

    /// <summary>Hands on reports at once, on the thread that reports: order matters here.</summary>
    protected sealed class Relay(Action<DownloadProgress> show) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => show(value);
    }
}
