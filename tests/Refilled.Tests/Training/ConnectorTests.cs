using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Losses.Features;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>Losses that train something of their own, within a run.</summary>
public sealed class ConnectorTests : IDisposable
{
    private static readonly Lazy<Dataset> Creatures = new(() => DataCatalog.Load("generated:0,classes=4", null, CancellationToken.None));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("wrn-10-1", "wrn-10-2", "16 32 64", "32 64 128")]
    [InlineData("mobilenet-0.25", "resnet-8", "64 128 256", "16 32 64")]
    public void Shapes_are_those_of_one_image_and_looking_leaves_no_trace(
        string student, string teacher, string ofStudent, string ofTeacher)
    {
        using var scope = NewDisposeScope();
        var task = Task(student, teacher, Methods.Vid(new LossOptions()));
        task.Student.train();
        var before = ModuleState.Copy(ModuleState.Of(task.Student));
        var shapes = ShapeProbe.Observe(task);
        Assert.Equal((4, task.Student.EmbeddingSize, task.Teacher!.EmbeddingSize),
            (shapes.Classes, shapes.StudentEmbedding, shapes.TeacherEmbedding));
        Assert.Equal(ofStudent, string.Join(' ', shapes.StudentMaps.Select(map => map.Channels)));
        Assert.Equal(ofTeacher, string.Join(' ', shapes.TeacherMaps.Select(map => map.Channels)));
        Assert.True(task.Student.training);
        Assert.All(ModuleState.Of(task.Student), pair => Assert.True(pair.Value.equal(before[pair.Key]).all().item<bool>(), pair.Key));
        Assert.Empty(ShapeProbe.Observe(task with { Method = Methods.Rkd(new LossOptions()) }).TeacherMaps);
    }

    [Fact]
    public void They_train_with_the_student_are_in_the_checkpoint_and_not_in_the_network()
    {
        using var scope = NewDisposeScope();
        LossSpec[] losses = [new CrossEntropy(), new Hint(), new VariationalInformation()];
        var method = new Method("mine", [new Stage("classifier", losses, StageLength.Second, SelectionMeasure.Accuracy)]);
        var task = Task("wrn-10-1", "wrn-10-1", method) with { Stage2 = new StageSettings { Epochs = 1, WeightDecay = 0 }, BatchSize = 64 };
        using var run = RunFolder.Create(folder["run"]);
        var outcome = new Trainer(task, run).Run();

        using var fresh = method.Stages[0].Losses[1].Bind(ShapeProbe.Observe(task), SeedMix.Mix(0, SeedStream.Connector, 0, 1));
        using var checkpoint = Checkpoint.Read(run.CheckpointFile);
        var trained = checkpoint.Group("objective-1");
        Assert.Equal(["regressor.bias", "regressor.weight"], trained.Keys.Order(StringComparer.Ordinal));
        Assert.All(ModuleState.Of(fresh),
            pair => Assert.False(pair.Value.equal(trained[pair.Key]).all().item<bool>(), $"{pair.Key} was not trained"));
        Assert.Equal(12, checkpoint.Group("objective-2").Count);
        Assert.Contains("objective-2/predictors.2.scale", checkpoint.Group("velocity").Keys);
        Assert.Equal(ModuleState.Of(task.Student).Keys, outcome.Selected.Keys);
    }

    [Fact]
    public void Maps_that_do_not_fit_are_refused_with_the_methods_that_can_be_used()
    {
        using var scope = NewDisposeScope();
        var task = Task("wrn-10-1", "wrn-10-1", Methods.At(new LossOptions()));
        MethodFit.CheckShapes(task);
        var message = Assert.Throws<InputException>(() => MethodFit.CheckShapes(task with { Teacher = new TwoMaps() })).Message;
        Assert.Equal("The method 'at' can't be used, for its loss attention-transfer: it compares feature maps one by one, "
            + "but the student has 3 and the teacher 2. These methods can: 1nn, ncm, lr, ft, student, student-long, kd, fitnet, rkd, "
            + "vanilla, lkd, refilled, refilled-tuples, regress, regress+lkd, protonet, feat, maml.", message);
    }

    [Fact]
    public void A_teacher_without_maps_is_told_what_it_can_serve()
    {
        var message = Assert.Throws<InputException>(() =>
            MethodFit.CheckNeeds(Methods.FitNet(new LossOptions()), new StoredTeacher(zeros(1, 2)).Opened())).Message;
        Assert.Equal("The method 'fitnet' reads the teacher's FeatureMaps, which this teacher doesn't give. "
            + "It can serve: rkd, vanilla, lkd, refilled, refilled-tuples, regress, regress+lkd.", message);
    }

    [Fact]
    public void Fine_tuning_starts_from_the_teachers_embedding_with_a_fresh_classifier()
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("wrn-10-2", new NetworkOptions(7) { Seed = 9 });
        var train = Creatures.Value.Train;
        EmbeddingNetwork Make(int seed) =>
            StudentNetwork.Create(
                new Recipe { Data = "x", Seeds = new SeedSettings { Run = seed } }, Machine.Resolve("cpu", PrecisionChoice.Fp32),
            network, train, Creatures.Value.Statistics);
        var (student, other) = (Make(1), Make(2));
        Assert.Equal(("wrn-10-2", 4, network.Input), (student.Architecture, student.Classes, student.Input));
        Assert.All(ModuleState.Of(network).Where(pair => !pair.Key.StartsWith("fc.", StringComparison.Ordinal)),
            pair => Assert.True(pair.Value.equal(ModuleState.Of(student)[pair.Key]).all().item<bool>(), pair.Key));
        Assert.False(ModuleState.Of(student)["fc.weight"].equal(ModuleState.Of(other)["fc.weight"]).all().item<bool>());
    }

    private static TrainingTask Task(string student, string teacher, Method method)
    {
        var train = Creatures.Value.Train.TakePerClass(20, 0);
        EmbeddingNetwork Network(string name, long seed) => NetworkCatalog.Create(name, new NetworkOptions(train.Classes) { Seed = seed });
        var taught = new NetworkTeacher(Network(teacher, 2), train.ClassNames);
        return new TrainingTask(Network(student, 1), taught, method, train, train.At([]));
    }

    private sealed class TwoMaps : ITeacher
    {
        public Needs Provides => Needs.FeatureMaps;

        public int EmbeddingSize => 2;

        public IReadOnlyList<string> ClassNames => [];

        public string Fingerprint => "made up";

        public void Dispose() { }

        public Signals Observe(Batch batch, Needs needs) => Maps.Signals(zeros(batch.Size, 3, 4, 4), zeros(batch.Size, 3, 2, 2));
    }
}
