using Refilled.Reports.Runs;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Reports;

public sealed class RunRecordTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_has_ended_is_read_whole()
    {
        var run = RunRecord.Read(MadeUpRun.Write(folder, "run", "lkd", seed: 3, right: [true, false, true], epochs: 5));
        Assert.Equal((RunState.Done, "run", "lkd", 3, 5), (run.State, run.Name, run.Recipe?.Method, run.Result?.Seed, run.Epochs.Count));
        Assert.Equal(["network.safetensors is missing."], run.Problems);
        Assert.Equal(0.4, run.Epochs[4].HeldOut!.Value, 1e-12);
        Assert.Equal(0.5, run.Epochs[4].Train!["accuracy"]);
        Assert.Equal("1.2.3", run.Environment!.Value.GetProperty("version").GetString());
    }

    [Fact]
    public void What_trains_is_told_from_what_was_stopped_and_is_not_disturbed()
    {
        var path = MadeUpRun.Write(folder, "run");
        Assert.Equal(RunState.Stopped, RunRecord.Read(path).State);
        using (RunFolder.Open(path)) Assert.Equal(RunState.Training, RunRecord.Read(path).State);
        Assert.Equal(RunState.Stopped, RunRecord.Read(path).State);
        using var again = RunFolder.Open(path);
    }

    [Fact]
    public void A_torn_last_line_is_left_out_and_a_damaged_one_is_told()
    {
        var path = MadeUpRun.Write(folder, "run", epochs: 3);
        File.AppendAllText(Path.Combine(path, RunFolder.MetricsName), MadeUpRun.Line(3)[..20]);
        var torn = RunRecord.Read(path);
        Assert.Equal(3, torn.Epochs.Count);
        Assert.Empty(torn.Problems);

        folder.Write($"run/{RunFolder.MetricsName}", MadeUpRun.Line(0) + "{\"epoch\": 7\n" + MadeUpRun.Line(1)
            + "{\"stage\":\"lr\",\"chosen\":1}\n" + MadeUpRun.Line(2).Replace("0.2", "1e999", StringComparison.Ordinal));
        var damaged = RunRecord.Read(path);
        Assert.Equal(2, damaged.Epochs.Count);
        Assert.Contains("2 of the lines of its metrics can't be read, the first in line 2",
            Assert.Single(damaged.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunFolder.RecipeName, "stage1: [")]
    [InlineData(RunFolder.RecipeName, "nobody: knows")]
    [InlineData(RunFolder.ResultName, "{\"top1\":")]
    [InlineData(RunFolder.ResultName, "{}")]
    [InlineData(RunFolder.ResultName, "null")]
    [InlineData(RunFolder.NetworkName, "no network")]
    [InlineData("environment.json", "nothing")]
    public void A_damaged_file_is_named_and_the_rest_is_read(string name, string text)
    {
        var path = MadeUpRun.Write(folder, "run", right: [true, false]);
        folder.Write($"run/{name}", text);
        var run = RunRecord.Read(path);
        Assert.Contains(run.Problems, problem => problem.StartsWith(name, StringComparison.Ordinal));
        Assert.Equal(2, run.Epochs.Count);
        Assert.NotEqual(name == RunFolder.ResultName, run.Result is not null);
    }

    [Fact]
    public void Runs_are_found_in_folders_and_a_fit_stands_for_its_network()
    {
        MadeUpRun.Write(folder, "table/wrn/student-0");
        MadeUpRun.Write(folder, "table/wrn/lkd-0");
        MadeUpRun.Write(folder, "fit/network");
        MadeUpRun.Write(folder, "fit/candidates/lkd/0");
        folder.Write("fit/fit.json", "{}");
        folder.Write("empty/nothing.txt", "");
        Assert.Equal([folder["table", "wrn", "lkd-0"], folder["table", "wrn", "student-0"], folder["fit", "network"]],
            RunPlaces.Find([folder["table"], folder["fit"], folder["table", "wrn"]]));
        Refused("empty", "no run");
        Refused("none", "no folder");
        Refused("fit/fit.json", "is a file");

        void Refused(string name, string said) => Assert.Contains(said,
            Assert.Throws<InputException>(() => RunPlaces.Find([folder[name]])).Message, StringComparison.Ordinal);
    }
}
