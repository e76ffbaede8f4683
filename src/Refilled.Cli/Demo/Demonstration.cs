using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Training;

namespace Refilled.Cli.Demo;

/// <summary>The whole story on the generated set: a teacher learns half of the classes from many images, then students learn
/// the other half from few, alone and with the teacher's help.</summary>
public sealed class Demonstration
{
    private static readonly string[] MethodNames = ["student", "student-long", "lkd", "refilled"];

    private readonly int seed;
    private readonly bool brief;

    /// <inheritdoc cref="Demonstration"/>
    /// <param name="seed">Seed of the world, the halves and the runs.</param>
    /// <param name="brief">A third of the epochs: to see that it works, not how well.</param>
    public Demonstration(int seed = 0, bool brief = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        (this.seed, this.brief) = (seed, brief);
    }

    /// <summary>Images of each class that the students learn from.</summary>
    public const int ImagesPerClass = 10;

    /// <summary>Views of each image that the students see: few enough that the teacher is asked for each only once.</summary>
    public const int Views = 16;

    /// <summary>Runs everything.</summary>
    /// <param name="path">Folder for the runs and the sample sheet; it must not hold a demonstration already.</param>
    /// <param name="run">Runs one training, named, and shows its progress.</param>
    /// <param name="cancel">Stops at the next step.</param>
    /// <exception cref="InputException">The folder can't be used.</exception>
    public DemonstrationResult Run(string path, Func<string, Func<IProgress<TrainProgress>, RunResult>, RunResult> run,
        CancellationToken cancel = default)
    {
        var teacherFolder = Path.Combine(path, "teacher");
        var data = DataCatalog.Load(Spec, null, cancel);
        RunResult Train(string folder, Recipe recipe) => run(Path.GetFileName(folder), progress =>
        {
            using var experiment = Experiment.Prepare(recipe, data, [], cancel);
            using var held = RunFolder.Create(folder);
            return experiment.Run(held, progress, cancel);
        });

        var teacher = Train(teacherFolder, Teacher);
        var sheet = Path.Combine(path, "creatures.png");
        var students = ClassSpec.Parse(Classes("student")).Resolve(data);
        SampleSheet.Save(sheet, data.Train.OfClasses(students).TakePerClass(ImagesPerClass, seed), classes: 10);
        var results = MethodNames.Select(name => Train(Path.Combine(path, name), Student(name, teacherFolder))).ToList();
        return new DemonstrationResult
        {
            Rows = [.. results.Select(result => new DemonstrationRow(result.Method, result.Top1, result.Epochs, result.Seconds))],
            TeacherTop1 = teacher.Top1,
            TeacherNcm = TeacherNcm(teacherFolder, data),
            TeacherSeconds = teacher.Seconds,
            TeacherImages = teacher.TrainImages,
            StudentImages = results[0].TrainImages,
            Classes = students.Count,
            TestImages = results[0].TestImages,
            Seed = seed,
            Sheet = sheet,
        };
    }

    private string Spec => $"generated:{seed}";

    private string Classes(string side) => $"easy:{side}@{seed}";

    private Recipe Base => new()
    {
        Data = Spec,
        HoldOut = 0, // The last epoch is what is reported, so nothing is held out to choose one.
        Views = 0,
        Seeds = new SeedSettings { Run = seed, HoldOut = seed },
    };

    private Recipe Teacher => Base with
    {
        Classes = Classes("teacher"),
        Method = "student",
        Student = "wrn-16-2",
        Stage2 = Cosine(brief ? 2 : 7, 0.1),
    };

    /// <summary>The settings were chosen on worlds 100 to 102 (docs/findings.md).</summary>
    private Recipe Student(string method, string teacher) => Base with
    {
        Views = Views,
        TeacherCache = Path.Combine(Path.GetDirectoryName(teacher)!, "signals"),
        Classes = Classes("student"),
        Method = method,
        Teacher = teacher,
        Student = "wrn-16-1",
        ImagesPerClass = ImagesPerClass,
        Batch = 50,
        Stage1 = Cosine(brief ? 9 : 28, 0.05),
        Stage2 = Cosine(brief ? 36 : 108, 0.1),
        Losses = new LossOptions
        {
            // At the authors' weight of 500 and 0.1 a stage of so few steps only shakes the weights.
            TripletAlignment = new TripletAlignment { Weight = 100 },
            // Few images of a class: centres of all of them, because a batch has two or three.
            LocalClassifier = new LocalClassifier
            {
                Centres = Centres.Global,
                Normalise = Normalisation.Unit,
                TeacherTemperature = 0.2,
                Weight = 3,
            },
        },
    };

    private static StageSettings Cosine(int epochs, double learningRate) =>
        new() { Epochs = epochs, LearningRate = learningRate, Schedule = ScheduleKind.Cosine, FinalLearningRate = 0 };

    /// <summary>What the teacher itself makes of classes that it never saw, with the students' images as examples.</summary>
    private double TeacherNcm(string folder, Dataset data)
    {
        var recipe = Student("student", folder);
        using var trained = Teachers.Teacher.Open(Teachers.Teacher.Find(folder), Machine.Resolve(recipe).Networks);
        var classes = ClassSpec.Parse(recipe.Classes).Resolve(data);
        var examples = data.Train.OfClasses(classes).TakePerClass(ImagesPerClass, recipe.Seeds.HoldOut);
        return Math.Round(100 * Evaluator.Evaluate(trained.Trained.Network, examples, data.Test.OfClasses(classes)).Ncm!.Value, 3);
    }
}
