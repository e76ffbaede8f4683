using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Engine;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Experiments;

/// <summary>What preparing an experiment reads, in which order, and what it leaves.</summary>
[Collection(nameof(StressTests))]
public sealed class PreparedExperimentTests : IDisposable
{
    private const string Data = "generated:0,classes=4,train=12,test=2";
    private static readonly Dataset Loaded = DataCatalog.Load(Data);
    private readonly FewShotFiles files = new();
    private int opened;

    public void Dispose() => files.Dispose();

    private Recipe Recipe(string method, IReadOnlyList<string>? classes = null) => new()
    {
        Data = Data, Method = method, Student = "wrn-10-1", Teacher = files.Network("teacher", classes: classes, size: 32), HoldOut = 0.25,
        Device = "cpu", Precision = PrecisionChoice.Fp32, Threads = 1,
    };

    private static string Refused(Recipe recipe, Dataset? loaded = null) =>
        Assert.Throws<InputException>(() => Experiment.Prepare(recipe, loaded, [], TestContext.Current.CancellationToken)).Message;

    [Fact]
    public void Files_are_looked_at_before_data_are_read()
    {
        var recipe = Recipe("refilled") with { Data = $"folder:{files.Folder["no-data"]}" };
        Assert.Contains("no-data", Refused(recipe), StringComparison.Ordinal);
        Assert.Contains("There is no teacher", Refused(recipe with { Teacher = files.Folder["nobody"] }), StringComparison.Ordinal);
        Assert.Contains("There is no start", Refused(recipe with { Start = files.Folder["nobody"] }), StringComparison.Ordinal);
        Assert.Contains("it is a text", Refused(recipe with { Teacher = files.Folder.Write("damaged", "1234") }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_is_asked_ahead_where_it_leaves_the_GPU_to_the_student()
    {
        using var scope = NewDisposeScope();
        var recipe = Recipe("refilled");
        var (cpu, gpu) = (new Machine("cpu", Precision.Fp32, 2), new Machine("cuda:1", Precision.Fp32, 2));
        using var beside = new CachedTeacher(new Beside(), Loaded.Train, new CacheOptions { DataHash = "made up" });
        using var same = new CachedTeacher(new StoredTeacher(ones(1, 2)), Loaded.Train, new CacheOptions { DataHash = "made up" });
        Assert.True(Preparation.AsksAhead(recipe, gpu, beside));
        Assert.False(Preparation.AsksAhead(recipe, cpu, beside));
        Assert.False(Preparation.AsksAhead(recipe with { Prefetch = 0 }, gpu, beside));
        Assert.False(Preparation.AsksAhead(recipe, gpu, same));
        Assert.False(Preparation.AsksAhead(recipe, gpu, null));
        using var experiment = Experiment.Prepare(recipe, Loaded, [], TestContext.Current.CancellationToken);
        Assert.False(experiment.Task.FillsAhead);
    }

    private sealed class Beside : ITeacher
    {
        public bool AnswersBeside => true;

        public string Fingerprint => "beside";

        public Needs Provides => Needs.Embedding;

        public int EmbeddingSize => 2;

        public IReadOnlyList<string> ClassNames => [];

        public Signals Observe(Batch batch, Needs needs) => throw new InvalidOperationException("it is asked");

        public void Dispose() { }
    }

    [Fact]
    public void The_data_are_judged_before_a_network_is_opened()
    {
        var recipe = Recipe("lr") with { HoldOut = 0 };
        var refused = Assert.Throws<InputException>(() =>
            Experiment.Prepare(recipe, [new Counting(this)], TestContext.Current.CancellationToken));
        Assert.Contains("none are held out", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, opened);
    }

    [Fact]
    public void A_teacher_of_another_size_than_the_views_is_told()
    {
        var recipe = Recipe("refilled");
        const string Told = "was trained on images of 32×32 pixels, and the views have 16×16: it sees each of them resized to 32×32.";
        using (var same = Experiment.Prepare(recipe, TestContext.Current.CancellationToken))
            Assert.DoesNotContain(same.Notes, note => note.Contains("resized", StringComparison.Ordinal));
        using var other = Experiment.Prepare(recipe with { ImageSize = 16 }, TestContext.Current.CancellationToken);
        Assert.Contains(other.Notes, note => note.StartsWith($"The teacher '{recipe.Teacher}' {Told}", StringComparison.Ordinal));
    }

    /// <summary>Said before a network is opened, with methods that need no pairs.</summary>
    [Theory]
    [InlineData("refilled", 0, "Stage 1 ('embedding') of the method 'refilled' has no pairs: triplet-alignment compares", "")]
    [InlineData("refilled-tuples", 0.5, "Stage 1 ('embedding') of the method 'refilled-tuples' has no pairs: tuple-alignment compares",
        " beside what is held out")]
    [InlineData("lkd", 0, "Stage 1 ('classifier') of the method 'lkd' has no pairs: local-classifier compares", "")]
    public void A_single_image_of_each_class_makes_no_pairs(string method, double holdOut, string message, string beside)
    {
        var losses = new LossOptions { LocalClassifier = new LocalClassifier { Centres = Centres.LeaveOneOut } };
        var recipe = Recipe(method) with
        {
            Data = $"generated:0,classes=4,train={(holdOut > 0 ? 2 : 1)},test=2", HoldOut = holdOut, Losses = losses,
        };
        var refused = Assert.Throws<InputException>(() =>
            Experiment.Prepare(recipe, [new Counting(this)], TestContext.Current.CancellationToken)).Message;
        Assert.StartsWith(message, refused, StringComparison.Ordinal);
        Assert.Contains($"every class has a single training image{beside}. Give", refused, StringComparison.Ordinal);
        var others = refused[refused.LastIndexOf(": ", StringComparison.Ordinal)..];
        Assert.Contains("student,", others, StringComparison.Ordinal);
        Assert.Contains(" lkd", others, StringComparison.Ordinal); // as it usually is: by the centres of the batch
        Assert.DoesNotContain("refilled", others, StringComparison.Ordinal);
        Assert.Equal(0, opened);
        // Those that are named do work.
        foreach (var name in others[2..].TrimEnd('.').Split(", "))
            MethodFit.CheckImages(Methods.Create(name, new LossOptions()), RunImages.Select(recipe, DataCatalog.Load(recipe.Data)));
    }

    [Theory]
    [InlineData("ft")]
    [InlineData("1nn")]
    [InlineData("ncm")]
    [InlineData("refilled")]
    public void The_teacher_is_opened_once(string method)
    {
        var recipe = Recipe(method);
        using var experiment = Experiment.Prepare(recipe, [new Counting(this)], TestContext.Current.CancellationToken);
        Assert.Equal(1, opened);
        if (method == "refilled") return;

        using var scope = NewDisposeScope();
        using var file = Safetensors.Read(Path.Combine(recipe.Teacher!, NetworkFile.NameInRun));
        Assert.All(ModuleState.Of(experiment.Task.Student).Where(pair => !experiment.Task.Student.IsOfClassifier(pair.Key)),
            pair => Assert.True(pair.Value.equal(file.Tensors[pair.Key]).all().item<bool>(), pair.Key));
    }

    public static TheoryData<string, string> Failures() => new()
    {
        { "relation", "must not overlap" },
        { "logits", "compares the teacher's logits" },
        { "start", "they must be the same" },
        { "shapes", "These methods can" },
        { "weights", "" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_leaves_no_network_alive(string kind, string expected)
    {
        var same = Loaded.Train.ClassNames;
        var recipe = kind switch
        {
            "relation" => Recipe("refilled", same),
            "logits" => Recipe("kd", [.. same, "another"]) with { Setting = Setting.Overlapping },
            "start" => Recipe("refilled") with { Start = files.Network("start", "convnet-4", size: 32) },
            "shapes" => Recipe("at") with { Student = "convnet-4" },
            _ => Recipe("refilled") with { Teacher = WithoutBias() },
        };
        // Not the first time: what is kept for the process has been made then.
        Assert.Contains(expected, Refused(recipe, Loaded), StringComparison.Ordinal);
        var freed = FreedTensors.Count();
        Refused(recipe, Loaded);
        Assert.Equal(freed, FreedTensors.Count());
    }

    [Fact]
    public void What_was_prepared_and_freed_leaves_no_network_alive()
    {
        void Prepare(string method) => Experiment.Prepare(Recipe(method), Loaded, [], TestContext.Current.CancellationToken).Dispose();
        foreach (var method in new[] { "ft", "1nn", "refilled" })
        {
            Prepare(method);
            var freed = FreedTensors.Count();
            Prepare(method);
            Assert.Equal(freed, FreedTensors.Count());
        }
    }

    /// <summary>A network file that lacks a tensor.</summary>
    private string WithoutBias()
    {
        using var whole = Safetensors.Read(Path.Combine(files.Network("whole", size: 32), NetworkFile.NameInRun));
        Safetensors.WriteSealed(files.Folder["part"], whole.Tensors.Where(pair => pair.Key != "fc.bias"), whole.Metadata);
        return files.Folder["part"];
    }

    /// <summary>Our own format, counted.</summary>
    private sealed class Counting(PreparedExperimentTests test) : ITeacherFormat
    {
        public bool Opens(NetworkPlace place) => true;

        public Teacher Open(NetworkPlace place, TeacherOptions options)
        {
            test.opened++;
            return Teacher.Open(place, options);
        }
    }
}
