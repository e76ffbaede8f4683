using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>Students that start from a network that was trained before, and networks whose classifier no stage trained.</summary>
public sealed class StartTests : IDisposable
{
    private static readonly Dataset Data = DataCatalog.Load("generated:0,classes=4,train=12,test=2");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Recipe Recipe(string student, string saved)
    {
        var path = folder["start.safetensors"];
        NetworkFile.Save(path,
            new TrainedNetwork(NetworkCatalog.Create(saved, new NetworkOptions(7) { Seed = 9 }), ["a", "b", "c", "d", "e", "f", "g"]));
        return new Recipe
        {
            Data = "generated",
            Method = "student",
            Student = student,
            Start = path,
            Device = "cpu",
            Precision = PrecisionChoice.Fp32,
        };
    }

    private static EmbeddingNetwork Create(Recipe recipe)
    {
        var machine = Machine.Resolve(recipe);
        using var start = StudentNetwork.OpenStart(
            NetworkPlace.Find(recipe.Start!, StudentNetwork.StartRole), recipe, machine, []);
        return StudentNetwork.Create(recipe, machine, start.Trained.Network, Data.Train, Data.Statistics);
    }

    [Fact]
    public void A_student_may_start_from_weights_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        var saved = NetworkCatalog.Create("mobilenet-v2-0.25", new NetworkOptions(7) { Seed = 9 }).state_dict()
            .ToDictionary(pair => pair.Key.Replace("fc.", "classifier.1.", StringComparison.Ordinal), pair => pair.Value);
        File.WriteAllBytes(folder["start.pth"], TorchFiles.Zip(TorchFiles.Members(
            saved.Where(pair => pair.Value.dtype == ScalarType.Float32).ToDictionary())));
        folder.Write("start.teacher.yaml", "size: 64\n");
        var recipe = Recipe("mobilenet-v2-0.25", "wrn-10-1") with { Start = folder["start.pth"] };
        using var student = Create(recipe);
        Assert.Equal((64, 0.485, 4), (student.Input.Height, student.Input.Mean[0], student.Classes));
        Assert.All(student.state_dict().Where(pair => !student.IsOfClassifier(pair.Key)),
            pair => Assert.True(pair.Value.equal(saved[pair.Key]).all().item<bool>(), pair.Key));
        using var prepared = Experiment.Prepare(recipe with { Data = "generated:0,classes=4,train=12,test=2" },
            TestContext.Current.CancellationToken);
        Assert.Contains(prepared.Notes, note => note.Contains("start.pth' doesn't name its classes", StringComparison.Ordinal));
    }

    [Fact]
    public void The_embedding_is_taken_and_the_classifier_is_fresh()
    {
        using var scope = NewDisposeScope();
        var recipe = Recipe("convnet-4", "convnet-4");
        var (student, other) = (Create(recipe), Create(recipe with { Seeds = new SeedSettings { Run = 1 } }));
        var saved = NetworkFile.Load(recipe.Start!, Precision.Fp32).Network;
        Assert.Equal((4, saved.Input), (student.Classes, student.Input));
        Assert.All(ModuleState.Of(saved).Where(pair => !saved.IsOfClassifier(pair.Key)), pair =>
        {
            Assert.True(pair.Value.equal(ModuleState.Of(student)[pair.Key]).all().item<bool>(), pair.Key);
            Assert.True(pair.Value.equal(ModuleState.Of(other)[pair.Key]).all().item<bool>(), pair.Key);
        });
        Assert.False(ModuleState.Of(student)["fc.weight"].equal(ModuleState.Of(other)["fc.weight"]).all().item<bool>());
    }

    [Fact]
    public void Another_architecture_is_refused()
    {
        var recipe = Recipe("wrn-10-1", "convnet-4");
        Assert.Equal($"The start '{recipe.Start}' is a convnet-4, but the student is a wrn-10-1; they must be the same. "
            + "Name another start, or convnet-4 as the student.",
            Assert.Throws<InputException>(() => Create(recipe)).Message);
    }

    [Fact]
    public void Class_means_as_a_classifier_choose_the_nearest_mean()
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("convnet-4", new NetworkOptions(4) { Seed = 2 });
        network.train();
        MeanClassifier.Give(network, Data.Train);
        Assert.True(network.training);
        using var seen = NetworkReader.Read(network, Data.Train);
        using var means = NearestClassMean.Fit(seen.Embeddings, seen.Labels, unit: false);
        foreach (var set in new[] { Data.Train, Data.Test })
        {
            using var read = NetworkReader.Read(network, set);
            Assert.Equal(means.Predict(read.Embeddings).data<long>(), read.Logits.argmax(1).data<long>());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StartingClassifier.Random)]
    [InlineData(StartingClassifier.ClassMeans)]
    public void A_stage_begins_with_the_classifier_that_its_settings_name(StartingClassifier? named)
    {
        using var scope = NewDisposeScope();
        var student = NetworkCatalog.Create("convnet-4", new NetworkOptions(4) { Seed = 2 });
        var other = NetworkCatalog.Create("convnet-4", new NetworkOptions(4) { Seed = 2 });
        MeanClassifier.Give(other, Data.Train);
        var task = new TrainingTask(student, null, Methods.Create("student", new()), Data.Train, Data.Test)
            { Stage2 = new StageSettings { Classifier = named } };
        using var run = new StageRun(task, 0);
        run.Start(TestContext.Current.CancellationToken);
        foreach (var name in new[] { "fc.weight", "fc.bias" })
            Assert.Equal(named == StartingClassifier.ClassMeans,
                ModuleState.Of(student)[name].equal(ModuleState.Of(other)[name]).all().item<bool>());
    }
}
