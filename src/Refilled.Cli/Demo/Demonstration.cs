using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Training;

namespace Refilled.Cli.Demo;

/// <summary>The whole story on real handwriting: a teacher learns five alphabets, then half as large students learn three others from
/// a few drawings of each letter, alone and with the teacher's help.</summary>
public sealed class Demonstration
{
    /// <summary>The rows: the teacher without training, the student alone, and taught.</summary>
    private static readonly string[] MethodNames = ["ncm", Alone, "lkd", "refilled"];

    private readonly int seed;
    private readonly bool brief;
    private readonly PrecisionChoice precision;

    /// <inheritdoc cref="Demonstration"/>
    /// <param name="seed">Seed of whose drawings train, and of the runs.</param>
    /// <param name="brief">A third of the epochs: to see that it works, not how well.</param>
    /// <param name="precision">Number format of the convolutions.</param>
    public Demonstration(int seed = 0, bool brief = false, PrecisionChoice precision = PrecisionChoice.Auto)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        (this.seed, this.brief, this.precision) = (seed, brief, precision);
    }

    /// <summary>The student that nobody teaches, for as many epochs as the others have in all.</summary>
    public const string Alone = "student-long";

    /// <summary>Drawings of each letter that the students learn from.</summary>
    public const int Drawings = 2;

    /// <summary>The teacher's alphabets.</summary>
    public const string TeacherClasses = "alphabet:Korean,Greek,Latin,Balinese,Early_Aramaic";

    /// <summary>The students' alphabets.</summary>
    public const string StudentClasses = "alphabet:Katakana,Sanskrit,Tagalog";

    /// <summary>Runs everything.</summary>
    /// <param name="path">Folder for the runs and the picture; it must not hold a demonstration already.</param>
    /// <param name="run">Runs one training, named, and shows its progress.</param>
    /// <param name="cancel">Stops at the next step.</param>
    /// <exception cref="InputException">The folder can't be used.</exception>
    public DemonstrationResult Run(string path, Func<string, Func<IProgress<TrainProgress>, RunResult>, RunResult> run,
        CancellationToken cancel = default)
    {
        RunResult Train(string name, Recipe recipe, Dataset data) => run(name, progress =>
        {
            using var experiment = Experiment.Prepare(recipe, data, [], cancel);
            using var held = RunFolder.Create(Path.Combine(path, name));
            return experiment.Run(held, progress, cancel);
        });

        var teacher = Train("teacher", Teacher, DataCatalog.Load(Teacher.Data, null, cancel));
        var data = DataCatalog.Load(StudentData, null, cancel);
        var results = MethodNames.Select(name => Train(name, Student(name, path), data)).ToList();

        var letters = ClassSpec.Parse(StudentClasses).Resolve(data);
        var (examples, test) = (data.Train.OfClasses(letters), data.Test.OfClasses(letters));
        var seen = results.Select(result => Look(Path.Combine(path, result.Method), test)).ToList();
        var rows = results.Zip(seen, (result, network) => new DemonstrationRow(
            result.Method, result.Student, network.Parameters, network.Milliseconds, result.Top1, result.Epochs, result.Seconds)).ToList();
        var outcome = new DemonstrationResult
        {
            Rows = rows,
            TeacherTop1 = teacher.Top1,
            TeacherSeconds = teacher.Seconds,
            TeacherImages = teacher.TrainImages,
            TeacherLetters = ClassSpec.Parse(TeacherClasses).Resolve(data).Count,
            StudentImages = results[0].TrainImages,
            Letters = letters.Count,
            TestImages = test.Count,
            Seed = seed,
            Folder = path,
            Picture = Path.Combine(path, "answers.png"),
        };
        AnswerSheet.Save(outcome.Picture, test, examples,
            [.. new[] { outcome.Taught.Method, Alone }.Select(name => (name, seen[Array.IndexOf(MethodNames, name)].Answers))]);
        return outcome;
    }

    private string StudentData => $"letters:{seed},train={Drawings}";

    /// <summary>All settings were chosen on other letters (docs/findings.md).</summary>
    private Recipe Base => new()
    {
        Data = StudentData,
        HoldOut = 0, // The last epoch is what is reported, so nothing is held out to choose one.
        Augmentation = new Augmentation { Preset = AugmentationPreset.Letters },
        Batch = 32,
        Views = 32,
        Precision = precision,
        Seeds = new SeedSettings { Run = seed },
    };

    private Recipe Teacher => Base with
    {
        Data = $"letters:{seed}",
        Classes = TeacherClasses,
        Method = "student",
        Student = "wrn-16-1",
        Views = 0,
        Stage2 = Cosine(brief ? 5 : 16, 0.1),
    };

    private Recipe Student(string method, string path) => Base with
    {
        TeacherCache = Path.Combine(path, "signals"),
        Classes = StudentClasses,
        Method = method,
        Teacher = Path.Combine(path, "teacher"),
        Student = "wrn-10-1",
        // Both drawings of a letter in a batch, or there are no pairs.
        Stage1 = Cosine(brief ? 7 : 20, 0.1) with { PerClass = Drawings },
        Stage2 = Cosine(brief ? 33 : 100, 0.1),
        Losses = new LossOptions
        {
            TripletAlignment = new TripletAlignment { Weight = 100 },
            // Few drawings of a letter: centres of all of them, because a batch has one of most letters.
            LocalClassifier = new LocalClassifier
            {
                Centres = Centres.Global,
                Normalise = Normalisation.Unit,
                TeacherTemperature = 0.1,
                Weight = 3,
            },
        },
    };

    private static StageSettings Cosine(int epochs, double learningRate) =>
        new() { Epochs = epochs, LearningRate = learningRate, Schedule = ScheduleKind.Cosine, FinalLearningRate = 0 };

    /// <summary>What a run's network answers, how large it is and how long it takes.</summary>
    private static (IReadOnlyList<int> Answers, long Parameters, double Milliseconds) Look(string folder, ImageSet test)
    {
        using var opened = Teachers.Teacher.Open(Teachers.Teacher.Find(folder), Machine.Resolve(new Recipe { Data = "letters" }).Networks);
        var network = opened.Trained.Network;
        var answers = Evaluator.Answers(network, test);
        var parameters = network.parameters().Sum(parameter => parameter.numel());
        network.Freeze();
        return (answers, parameters, Math.Round(Latency.Of(network, test.Store.ViewShape), 2));
    }
}
