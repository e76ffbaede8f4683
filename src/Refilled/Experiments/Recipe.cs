using System.Text.RegularExpressions;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Experiments;

/// <summary>All that decides a run: the typed form of a YAML file under <c>recipes/</c>, edited by options.</summary>
public sealed partial record Recipe : IValidated
{
    /// <summary>How the teacher's classes relate to the student's. Default cross-task.</summary>
    public Setting Setting { get; init; } = Setting.CrossTask;

    /// <summary>The data, such as "cifar100:path"; see <see cref="DataCatalog"/>.</summary>
    public required string Data { get; init; }

    /// <summary>Height and width of the views in pixels. Default: the source's own; see <see cref="DataOptions"/>.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Whether images that can't be decoded are left out, instead of being an error. Default false.</summary>
    public bool SkipBad { get; init; }

    /// <summary>How many folders name a class in a folder of images: 2 makes "Korean/character01" one. Default: one.</summary>
    [AbsentUnlessGiven]
    public int? Depth { get; init; }

    /// <summary>What says which images belong together, so that they stay so when images are held out. Default: nothing.</summary>
    /// <remarks>A column of a list of images, or a pattern of the files' names with one group in parentheses.</remarks>
    [AbsentUnlessGiven]
    public string? GroupBy { get; init; }

    /// <summary>Whether decoded images are kept in a file in the user's cache folder: auto, on or off.</summary>
    /// <remarks>Default auto: where they don't fit into memory.</remarks>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>The student's classes, such as "easy:student@0"; see <see cref="ClassSpec"/>; a file of names may lie beside the recipe.
    /// Default: all.</summary>
    [BesideRecipe]
    public string Classes { get; init; } = "all";

    /// <summary>The method's name; see <see cref="Methods"/>. Default refilled. With <see cref="Stages"/>: a new name for what they
    /// make.</summary>
    public string Method { get; init; } = "refilled";

    /// <summary>The student's network; see <see cref="NetworkCatalog"/>. Default wrn-16-1.</summary>
    public string Student { get; init; } = "wrn-16-1";

    /// <summary>The teacher: a run folder or a network file. Needed where the method reads a teacher.</summary>
    public string? Teacher { get; init; }

    /// <summary>A run folder or a network file of the student's architecture, whose embedding the student starts from.</summary>
    /// <remarks>The classifier is a fresh one. Default: none, and the weights are drawn from the run's seed.</remarks>
    public string? Start { get; init; }

    /// <summary>Whether the source's parts are joined, and a seeded tenth of each class is set apart as test. Default
    /// false.</summary>
    /// <remarks>Few-shot sets such as CIFAR-FS use all images of a class. Otherwise the test images are the source's own.</remarks>
    public bool JoinTest { get; init; }

    /// <summary>Take the first n images of each class in seeded order, hold-out included. Default: all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>Images without labels, for stages whose losses read none: "rest", or a folder or archive. Default: none.</summary>
    /// <remarks>"rest" is what <see cref="ImagesPerClass"/> leaves of the training images, as if nobody had labelled it. Images of the test
    /// or held out are left out of a folder.</remarks>
    [AbsentUnlessGiven]
    public string? Unlabelled { get; init; }

    /// <summary>The part of the training images that is held out for selection, per class. Default 0.1.</summary>
    /// <remarks>With <see cref="Validation"/>, which selects by itself, the default is 0. The effective recipe holds what was
    /// chosen.</remarks>
    public double? HoldOut { get; init; }

    /// <summary>Which of several parts is held out, in place of <see cref="HoldOut"/>, such as "2/5". Default: none.</summary>
    /// <remarks>Together the parts 0/5 … 4/5 hold out each image once; 0/5@1 … are parts that another seed divides.</remarks>
    [AbsentUnlessGiven]
    public string? Fold { get; init; }

    /// <summary>Few-shot tasks over other classes by which all stages are selected. Default: none, and stages are selected on held-out
    /// images.</summary>
    public ValidationEpisodes? Validation { get; init; }

    /// <summary>Images in a step. Default 128 (REFILLED).</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Views of each image; 0 makes a fresh view each epoch. Default 8.</summary>
    public int Views { get; init; } = 8;

    /// <summary>What varies between the views of a training image. Default: the usual of the size, mirrored sideways.</summary>
    [AbsentUnlessGiven]
    public Augmentation? Augmentation { get; init; }

    /// <summary>Batches whose gradients are averaged before an update. Default 1; see <see cref="TrainingTask.Accumulate"/>.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Whether the teacher's signals are kept for each view, and where. Default auto.</summary>
    /// <remarks>Auto (in memory, or in files in the user's cache folder where they are large), memory, off, or a folder that runs
    /// share.</remarks>
    public string TeacherCache { get; init; } = "auto";

    /// <summary>Number format in which the teacher's embeddings are kept: fp32, or fp16 at half the size. Default fp32.</summary>
    /// <remarks>Logits are kept in fp32. What fp16 costs: docs/performance.md, "Teachers from outside".</remarks>
    [AbsentUnlessGiven]
    public CachePrecision? TeacherCachePrecision { get; init; }

    /// <summary>Dropout within the student's blocks. Default 0 (REFILLED's authors: 0.3).</summary>
    public double Dropout { get; init; }

    /// <summary>The seeds.</summary>
    public SeedSettings Seeds { get; init; } = new();

    /// <summary>The first stage (embedding). Defaults: REFILLED's.</summary>
    public StageSettings Stage1 { get; init; } = new();

    /// <summary>The second stage (classifier). Defaults: REFILLED's, learning rate ×0.2 at 50, 70 and 90 %.</summary>
    public StageSettings Stage2 { get; init; } = new() { Schedule = ScheduleKind.MultiStep };

    /// <summary>The losses' options.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>The stages of a method of the recipe's own, which <see cref="Method"/> then names.</summary>
    /// <remarks>Default: none, and the method is one of the known ones. Declared after the losses, from which its losses
    /// start.</remarks>
    public IReadOnlyList<StageRecipe> Stages { get; init; } = [];

    /// <summary>Number format of the convolutions. Default auto; the effective recipe holds what was chosen.</summary>
    public PrecisionChoice Precision { get; init; } = PrecisionChoice.Auto;

    /// <summary>How images and feature maps lie in memory. Default channels-last, the faster one.</summary>
    public Layout Layout { get; init; } = Layout.ChannelsLast;

    /// <summary>Batches that are drawn ahead in the background; 0 draws each when it is asked for. Default 4.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Where it trains: cpu, cuda, cuda:n or auto. Default auto; the effective recipe holds what was chosen.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the engine; 0 takes one for each core. Sums depend on it, so the effective recipe holds it.</summary>
    public int Threads { get; init; }

    /// <summary>Steps between checkpoints within an epoch. Default 500.</summary>
    public int CheckpointSteps { get; init; } = 500;

    /// <summary>How the data is to be read.</summary>
    internal DataOptions DataOptions => new()
    {
        ImageSize = ImageSize, SkipBad = SkipBad, Depth = Depth, GroupBy = GroupBy, DecodedCache = DecodedCache,
    };

    /// <summary><see cref="HoldOut"/>, given or not.</summary>
    internal double HeldOutPart => HoldOut ?? DefaultHoldOut;

    /// <summary>What <see cref="HoldOut"/> is where it isn't given.</summary>
    internal double DefaultHoldOut => Validation is null ? 0.1 : 0;

    /// <summary><see cref="TeacherCachePrecision"/>, given or not.</summary>
    internal CachePrecision KeptPrecision => TeacherCachePrecision ?? CachePrecision.Fp32;

    /// <summary>The recipe with what "auto", 0 and what isn't given stand for.</summary>
    internal Recipe On(Machine machine) => this with
    {
        Device = machine.Name,
        Precision = machine.Choice,
        Threads = machine.Threads,
        HoldOut = HeldOutPart,
    };

    /// <summary>The recipe with absolute paths, so that it can be read from any folder.</summary>
    /// <remarks>What decides the results is the same; a word that names no path stays as it is.</remarks>
    internal Recipe FromAnywhere() => this with
    {
        Data = DataCatalog.Absolute(Data), Teacher = NetworkPlace.Absolute(Teacher), Start = NetworkPlace.Absolute(Start),
        Classes = ClassSpec.Parse(Classes).FromAnywhere,
        Validation = Validation is null ? null : Validation with { Classes = ClassSpec.Parse(Validation.Classes).FromAnywhere },
        Unlabelled = Unlabelled is null or UnlabelledData.Rest ? Unlabelled : DataCatalog.AbsolutePath(Unlabelled),
    };

    /// <summary>The method with this recipe's losses: of its own stages, or a known one.</summary>
    /// <remarks>Selected by validation tasks where there are some.</remarks>
    /// <exception cref="InputException">There is no such method.</exception>
    public Method CreateMethod()
    {
        var method = Stages.Count == 0 ? Methods.Create(Method, Losses) : new Method(Method, [.. Stages.Select(stage => stage.Create())]);
        return Validation is null ? method
            : method with { Stages = [.. method.Stages.Select(stage => stage with { Selection = SelectionMeasure.Episodes })] };
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Parses("data", Data, DataCatalog.Check),
        .. Check.Parses("classes", Classes, spec => ClassSpec.Parse(spec)),
        .. Check.Parses("student", Student, NetworkCatalog.Check),
        .. Check.Parses("device", Device, Machine.Check),
        .. ProblemsOfMethod(),
        .. Stages.Count == 0 ? [] : ProblemsOfStages(),
        .. Check.Range("image-size", ImageSize, 8, 1024),
        .. Check.Range("depth", Depth, 1, 8),
        .. Check.Parses("group-by", GroupBy, DataCatalog.CheckGroupBy),
        .. Check.AtLeast("images-per-class", ImagesPerClass, 2),
        .. Check.Range("hold-out", HoldOut, 0, 0.5),
        .. Check.Parses("fold", Fold, text => HoldOutFold.Parse(text)),
        .. Check.Range("batch", Batch, 2, 65536),
        .. Check.Problem(Views >= 0, "views", $"must be 0 (a fresh view each epoch) or more, not {Views}"),
        .. Check.Problem(Views > 0 || (Stage1.Views ?? Stage2.Views) is null, "views",
            "with a fresh view each epoch (0) no stage can have a number of its own"),
        .. Check.Problem(Unlabelled != UnlabelledData.Rest || ImagesPerClass is not null, "unlabelled",
            "the rest is what images-per-class leaves, and that isn't given"),
        .. Check.Range("accumulate", Accumulate, 1, 65536),
        .. Check.Problem(TeacherCache is { Length: > 0 } && !File.Exists(TeacherCache), "teacher-cache",
            $"must be auto, memory, off or a folder, not '{TeacherCache}'"),
        .. Check.Range("prefetch", Prefetch, 0, 1024, "none"),
        .. Check.BelowOne("dropout", Dropout),
        .. Check.Range("threads", Threads, 0, 1024, "one for each core"),
        .. Check.AtLeast("checkpoint-steps", CheckpointSteps, 1),
    ];

    private List<(string Path, string Message)> ProblemsOfMethod()
    {
        Method? method = null;
        if (Check.Parses("method", Method, _ => method = CreateMethod()).ToList() is { Count: > 0 } unknown) return unknown;
        if (method is null) return []; // missing, and reported as that
        return
        [
            .. Check.Problem(!method.HasTeacher || Teacher is not null, "teacher",
                $"the method '{Method}' reads a teacher: name a run folder or a network file"),
            .. Check.Problem(Start is null || method.Start != StudentStart.Teacher, "start",
                $"the method '{Method}' starts from the teacher; leave the start out"),
            .. Check.Problem(!method.ComparesLogits || Setting != Setting.CrossTask, "setting",
                $"the method '{Method}' compares the teacher's logits with the student's class by class, "
                    + "so that both need the same classes: use standard"),
            .. ProblemsOfMixing(method),
        ];
    }

    /// <summary>The stages that would be trained on mixed images and can't, each with what would work.</summary>
    private IEnumerable<(string Path, string Message)> ProblemsOfMixing(Method method)
    {
        if (Augmentation is not { Mixes: true }) yield break;
        foreach (var stage in method.Stages)
        {
            if (!stage.Settings(Stage1, Stage2).Mixes || stage.MixMisfit is not { } why) continue;
            var first = stage.Length == StageLength.First;
            var leaves = method.Stages.Any(other => (other.Length == StageLength.First) != first && other.MixMisfit is null)
                ? $"mix the views of the other stage alone, by {(first ? "stage1" : "stage2")}.mixed: false" : "leave mixup and cutmix out";
            yield return ("augmentation", $"{why}. Either {leaves}, or choose a method whose losses take them: "
                + Methods.NamesWhere(known => known.Stages.Count > 0 && known.Stages.All(own => own.MixMisfit is null)));
        }
    }

    private IEnumerable<(string Path, string Message)> ProblemsOfStages()
    {
        if (Method is not null && Methods.Names.Contains(Method))
            yield return ("method", $"'{Method}' is a known method; stages make a method of their own, so give it a name of its own, "
                + "or leave the stages out");
        if (Method is not null && !OwnName().IsMatch(Method))
            yield return ("method", "the name of a method is of lower-case letters, digits and + - . _, and begins with a letter or digit");
        if (Stages.GroupBy(stage => stage.Called).FirstOrDefault(group => group.Count() > 1) is { } twice)
            yield return ("stages", $"two stages are called '{twice.Key}'; give each a name");
        if (Validation is null && Stages.FirstOrDefault(stage => stage.Selection == SelectionMeasure.Episodes) is { } selected)
            yield return ("stages", $"the stage '{selected.Called}' is selected by episodes, "
                + "and there are no classes to draw them from: give the recipe a validation");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9+._-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();
}

/// <summary>The seeds of a run; the split's is part of the class specification. A table fixes all but the run's.</summary>
public sealed record SeedSettings
{
    /// <summary>Which images are held out, and which are taken per class. Default 0.</summary>
    public int HoldOut { get; init; }

    /// <summary>Crops and flips. Default 0.</summary>
    public int View { get; init; }

    /// <summary>Initial weights and the order of the images. Default 0.</summary>
    public int Run { get; init; }
}

/// <summary>The number format of convolutions, as a recipe asks for it.</summary>
public enum PrecisionChoice
{
    /// <summary>bf16 where the processor or GPU computes it natively, fp32 elsewhere.</summary>
    Auto,

    /// <summary>32-bit floating point.</summary>
    Fp32,

    /// <summary>bfloat16 convolutions, everything else in fp32.</summary>
    Bf16,
}
