using System.Diagnostics;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>A signal ends a verb soon, whatever it is at, with the exit code that says so.</summary>
public sealed class SignalTests : IDisposable
{
    /// <summary>A second is promised, on a machine with nothing else to do.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <param name="signal">The signal.</param>
    /// <param name="most">MiB that the command has in use without its data, at most.</param>
    /// <param name="args">The command.</param>
    [Theory]
    [InlineData("INT", 100, "data", "inspect", "generated:0,classes=100,train=2000,test=1")]
    [InlineData("TERM", 250, "pretrain", "--data", "generated:0,classes=100,train=2000,test=1")]
    public void Reading_data_is_ended(string signal, int most, params string[] args)
    {
        using var run = CommandProcess.Start(args[0] == "pretrain" ? [.. args, "--out", folder["run"]] : args);
        var end = DateTime.UtcNow.AddMinutes(2);
        while (run.Memory < (long)most << 20)
        {
            if (run.HasExited) Assert.Fail($"it ended early: {run.Wait()}");
            Assert.True(DateTime.UtcNow < end, "it doesn't get there");
            Thread.Sleep(5);
        }
        var since = Stopwatch.StartNew();
        run.Interrupt(signal);
        var (code, output, error) = run.Wait();
        Assert.InRange(since.Elapsed, TimeSpan.Zero, Slack);
        Assert.Equal((130, "", "Interrupted.\n"), (code, output, error));
        Assert.False(Directory.Exists(folder["run"]));
    }
}
