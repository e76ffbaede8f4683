using Refilled.Tables;
using Refilled.Tables.FewShot;
using Refilled.Teachers;
using Refilled.Tests.Support;

namespace Refilled.Tests.Tables.FewShot;

public sealed class JobsInProcessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private async Task<IReadOnlyDictionary<Job, string>> Run(FewShotPlan plan, params ITeacherFormat[] formats)
    {
        var (results, data) = (new TableResults(folder["results"]), new LoadedData());
        var here = new JobsInProcess(data, formats, train => train(new Quiet()), measure => measure(new Quiet()));
        var runner = new TableRunner(plan, results, new TableRunOptions(folder["out"]) { Formats = formats }, here);
        var waiting = runner.Plan();
        if (waiting.Count > 0) TablePreflight.Check(plan, waiting, results, data, formats, TestContext.Current.CancellationToken);
        return await runner.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_table_is_trained_and_measured_from_its_recipe()
    {
        var plan = MadeUpFewShot.Plan(folder, null, "base.threads=1", "training.threads=1");
        Assert.Empty(await Run(plan));
        var report = (FewShotReport)plan.Report(new TableResults(folder["results"]).Read(plan));
        Assert.Equal((6, 6), (report.Finished, report.Cells));
        Assert.Equal(["backbone", "protonet-5", "resnet"], report.Networks.Select(network => network.Name));
        Assert.Equal(report.Networks[0].Hash, report.Networks[1].Run!.StartHash);
        Assert.All(report.Rows.SelectMany(row => row.Cells), cell => Assert.NotNull(cell.Mean));
        Assert.All(report.Rows.Single(row => row.Name == "refilled-resnet").Cells,
            cell => Assert.Equal(4, Assert.Single(cell.Differences).Tasks));
        Assert.Empty(await Run(plan));
    }

    [Fact]
    public async Task A_teacher_that_was_trained_already_may_be_of_a_format_of_the_callers()
    {
        using var files = new FewShotFiles();
        var teacher = files.Foreign("teacher", "resnet-8", ["other0", "other1"]);
        var plan = MadeUpFewShot.Plan(folder, MadeUpFewShot.Text.Replace("recipe: { student: resnet-8 }", $"trained: {teacher}",
            StringComparison.Ordinal), "base.threads=1", "training.threads=1");
        Assert.Empty(await Run(plan, new ForeignFormat()));
        var report = (FewShotReport)plan.Report(new TableResults(folder["results"]).Read(plan));
        Assert.Equal(ForeignFormat.Name, report.Networks.Single(network => network.Name == "resnet").Architecture);
        Assert.All(report.Rows.Single(row => row.Name == "refilled-resnet").Cells, cell => Assert.Equal(ForeignFormat.Name, cell.Teacher));
    }

    [Fact]
    public async Task What_is_wrong_is_found_before_anything_is_trained_all_at_once()
    {
        var text = MadeUpFewShot.Text.Replace("classes: 8-11", "classes: 5-8", StringComparison.Ordinal)
            .Replace("student: resnet-8", "student: resnet-8, classes: 6-20", StringComparison.Ordinal);
        var message = (await Assert.ThrowsAsync<InputException>(() => Run(MadeUpFewShot.Plan(folder, text)))).Message;
        Assert.Contains("resnet: '6-20' names the class 12", message, StringComparison.Ordinal);
        Assert.Contains("svm/1: Few-shot tasks are of classes that nothing has seen before, but the tasks' classes and those that the "
            + "network 'backbone' was trained on share 1", message, StringComparison.Ordinal);
        Assert.Contains("protonet/5: Few-shot tasks", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));

        message = (await Assert.ThrowsAsync<InputException>(() =>
            Run(MadeUpFewShot.Plan(folder, null, "base.image-size=16", "base.episode.query=6", "training.image-size=8")))).Message;
        Assert.Contains("svm/1: The backbone 'backbone' was trained on images of 8×8 pixels, but the data's views have 16×16", message,
            StringComparison.Ordinal);
        Assert.Contains("5 shots and 6 queries need 11",
            (await Assert.ThrowsAsync<InputException>(() => Run(MadeUpFewShot.Plan(folder, null, "base.episode.query=6")))).Message,
            StringComparison.Ordinal);

        var none = MadeUpFewShot.Plan(folder,
            MadeUpFewShot.Text.Replace("data: generated:0,classes=12,train=6,test=4\n", "", StringComparison.Ordinal));
        Assert.Contains("names no data", (await Assert.ThrowsAsync<InputException>(() => Run(none))).Message, StringComparison.Ordinal);
    }

    private sealed class Quiet : IProgress<Refilled.Training.TrainProgress>, IProgress<Refilled.FewShot.FewShotProgress>
    {
        public void Report(Refilled.Training.TrainProgress value) { }

        public void Report(Refilled.FewShot.FewShotProgress value) { }
    }
}
