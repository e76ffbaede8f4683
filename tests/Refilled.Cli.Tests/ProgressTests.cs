using Refilled.Cli.Progress;
using Refilled.Data.Fetch;
using Refilled.FewShot;
using Refilled.Training;

namespace Refilled.Cli.Tests;

public class ProgressTests
{
    [Fact]
    public void A_log_of_training_has_its_last_epoch_and_nothing_that_follows_too_soon() =>
        Assert.Equal(["stage1 2/2 loss 0.250 train 50.0 % held out 25.0 % 40 img/s 1:02:03 left"], Log(Progresses.Training(),
            Epoch(0, done: false), Epoch(0, done: true), Epoch(1, done: false), Epoch(1, done: true)));

    [Fact]
    public void A_log_of_tasks_has_their_end() => Assert.Equal(["protonet 3/3 tasks 50.0 % 0:00:00"], Log(Progresses.FewShot,
        new FewShotProgress("protonet", 0, 3, 0, TimeSpan.Zero), new FewShotProgress("protonet", 3, 3, 0.5, TimeSpan.Zero)));

    [Fact]
    public void A_log_of_a_download_has_each_tenth_and_each_broken_connection() => Assert.Equal(
        [
            "a.tgz: 0.0 of 100.0 MB (0 %)", "a.tgz: 11.0 of 100.0 MB (11 %)", "a.tgz: reset; trying again",
            "a.tgz: 100.0 of 100.0 MB (100 %)",
        ],
        Log(Progresses.Download("a.tgz"), Come(0), Come(9), Come(11), Come(12), Come(13) with { Trouble = "reset" }, Come(14), Come(100)));

    [Fact]
    public void A_log_of_a_download_of_unknown_size_has_a_line_now_and_then() =>
        Assert.Empty(Log(Progresses.Download("a.tgz"), new DownloadProgress(1, null), new DownloadProgress(2, null)));

    private static TrainProgress Epoch(int epoch, bool done) => new("stage1", epoch, 2, 5, 10,
        new Dictionary<string, double> { ["loss"] = 0.25, ["accuracy"] = 0.5 }, 40, new TimeSpan(1, 2, 3), 0.25, done);

    private static DownloadProgress Come(int megabytes) => new(megabytes * 1_000_000L, 100_000_000);

    private static string[] Log<T>(ProgressKind<T> kind, params T[] reports)
    {
        var log = new StringWriter { NewLine = "\n" };
        ProgressView.For(new Terminal(TextWriter.Null, log, Live: false)).Run(kind, progress =>
        {
            foreach (var report in reports) progress.Report(report);
            return 0;
        });
        return log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
