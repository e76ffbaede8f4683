using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Experiments;

/// <summary>A run goes on with what it was begun with, wherever that lies, and says what of it is another now.</summary>
public sealed class OriginsTests : IDisposable
{
    private static readonly Dataset Data = MadeUpImages.Dataset(4, 3);
    private static readonly Origins Begun = new Origins("made-up", "old", "wrn-16-2", "old teacher", null).Counting(Data);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_the_same_or_was_not_recorded_is_no_matter()
    {
        using var run = RunFolder.Create(folder["run"]);
        Begun.MustBeThoseOf(run); // nothing is recorded yet
        Record(run, Begun);
        Begun.MustBeThoseOf(run);
        (Begun with { StartHash = "any" }).MustBeThoseOf(run);
        (Begun with { Teacher = null, TeacherHash = null }).MustBeThoseOf(run);
    }

    [Fact]
    public void A_teacher_and_a_start_are_told_apart_by_their_files()
    {
        using var run = RunFolder.Create(folder["run"]);
        Record(run, Begun with { StartHash = "old start" });
        var hashes = "(SHA-256 old teacher then, new now). Name what it was begun with by --teacher, or start anew with another --out.";
        Assert.Equal($"The run in '{run.Path}' was begun with another teacher: it was a wrn-16-2, and is a resnet-20 {hashes}",
            Refused(run, Begun with { Teacher = "resnet-20", TeacherHash = "new" }));
        Assert.Equal($"The run in '{run.Path}' was begun with another teacher: the file of this wrn-16-2 has changed, or is another one "
            + hashes, Refused(run, Begun with { TeacherHash = "new" }));
        Assert.Contains("was begun with another start: its file has changed, or is another one (SHA-256 old start then, new now). "
            + "Name what it was begun with by --start", Refused(run, Begun with { StartHash = "new" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_data_it_is_named_what_can_be_known()
    {
        using var run = RunFolder.Create(folder["run"]);
        Record(run, Begun);
        string Changed(Dataset data) => Refused(run, new Origins(data.Name, "new", null, null, null).Counting(data));
        Assert.Contains("with other data: each class has as many images as before, so that some image", Changed(Data),
            StringComparison.Ordinal);
        Assert.Contains("with other data: they were made-up, and are folder (SHA-256 old then, new now). Name what it was begun with "
            + "by --data", Changed(Data with { Name = "folder" }), StringComparison.Ordinal);
        var fewer = Data with { Train = Data.Train.At([.. Enumerable.Range(0, 12).Where(i => i != 6)]) };
        Assert.Contains("there were 12, 0, 4 images for training, validation and test, and there are 11, 0, 4; "
            + "a class is of another size: 'class2' (had 4 images, has 3) (SHA-256", Changed(fewer), StringComparison.Ordinal);
        var classes = Data with { Train = Data.Train.OfClasses([1, 2]), Test = Data.Test.OfClasses([1, 2]) };
        Assert.Contains("and there are 6, 0, 2; classes are gone: 'class0', 'class3' (SHA-256", Changed(classes), StringComparison.Ordinal);
        Assert.Contains("a class is new: 'class4' (SHA-256", Changed(MadeUpImages.Dataset(5, 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_without_counts_has_its_hash()
    {
        using var run = RunFolder.Create(folder["run"]);
        run.Begin("", new { dataHash = "old" });
        Assert.Contains("with other data: their content is another (SHA-256 old then, new now)",
            Refused(run, Begun with { DataHash = "new" }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_writes_what_it_compares()
    {
        var recipe = new Recipe
        {
            Data = "generated:0,classes=4,train=8,test=2", Method = "student", Student = "wrn-10-1", HoldOut = 0,
            Stage2 = new StageSettings { Epochs = 1 }, Device = "cpu", Precision = PrecisionChoice.Fp32, Threads = 1,
        };
        using (var run = RunFolder.Create(folder["run"]))
        using (var experiment = Experiment.Prepare(recipe, TestContext.Current.CancellationToken))
            experiment.Run(run, cancel: TestContext.Current.CancellationToken);
        using var again = RunFolder.Open(folder["run"]);
        using var other = Experiment.Prepare(recipe with { Data = "generated:0,classes=4,train=9,test=2" },
            TestContext.Current.CancellationToken);
        var message = Assert.Throws<InputException>(() => other.Run(again, cancel: TestContext.Current.CancellationToken)).Message;
        Assert.Contains("there were 32, 0, 8 images for training, validation and test, and there are 36, 0, 8; classes are of another size",
            message, StringComparison.Ordinal);
        Assert.Contains("(had 10 images, has 11)", message, StringComparison.Ordinal);
    }

    private static void Record(RunFolder run, Origins origins) => run.Begin("", new
    {
        dataHash = origins.DataHash, teacherHash = origins.TeacherHash, startHash = origins.StartHash,
        data = origins.Data, parts = origins.Parts, classes = origins.Classes, teacher = origins.Teacher,
    });

    private static string Refused(RunFolder run, Origins origins) =>
        Assert.Throws<InputException>(() => origins.MustBeThoseOf(run)).Message;
}
