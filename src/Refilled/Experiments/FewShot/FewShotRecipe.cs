using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.Recipes;

namespace Refilled.Experiments.FewShot;

/// <summary>All that decides how a few-shot learner is measured: the typed form of a YAML file, edited by options.</summary>
/// <remarks>Either over many tasks that are drawn from data, or on one task of the user's own images.</remarks>
public sealed record FewShotRecipe : IValidated
{
    /// <summary>The data that tasks are drawn from, such as "cifar100:path"; see <see cref="DataCatalog"/>. Either they or the
    /// <see cref="Support"/>.</summary>
    public string? Data { get; init; }

    /// <summary>Labelled images, such as a folder with one for each class: the support of one task of the user's own.</summary>
    /// <remarks>As <see cref="Data"/>; the folder's path will do.</remarks>
    public string? Support { get; init; }

    /// <summary>Images of the <see cref="Support"/>'s classes to classify, in the same form.</summary>
    /// <remarks>Default: none, and only a student is made.</remarks>
    public string? Query { get; init; }

    /// <inheritdoc cref="Recipe.ImageSize"/>
    public int? ImageSize { get; init; }

    /// <inheritdoc cref="Recipe.SkipBad"/>
    public bool SkipBad { get; init; }

    /// <inheritdoc cref="Recipe.Depth"/>
    [AbsentUnlessGiven]
    public int? Depth { get; init; }

    /// <inheritdoc cref="Recipe.GroupBy"/>
    [AbsentUnlessGiven]
    public string? GroupBy { get; init; }

    /// <inheritdoc cref="Recipe.DecodedCache"/>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>Whether tasks have all images of a class, as few-shot sets such as CIFAR-FS do. Default false.</summary>
    /// <remarks>Otherwise they have the source's test images alone, and for <see cref="Validation"/> its training images.</remarks>
    public bool JoinTest { get; init; }

    /// <summary>The classes that tasks are drawn from, which no network was trained on. Default: all.</summary>
    /// <remarks>See <see cref="ClassSpec"/>; a file of names may lie beside the recipe.</remarks>
    [BesideRecipe]
    public string Classes { get; init; } = "all";

    /// <summary>Other classes, for what is chosen on tasks, such as the support vector machine's C. Default: none.</summary>
    [BesideRecipe, AlsoWithin("validation", "classes")]
    public string? Validation { get; init; }

    /// <summary>Number of tasks that such a choice is made on. Default 200.</summary>
    [AlsoWithin("validation", "tasks")]
    public int ValidationTasks { get; init; } = 200;

    /// <summary>The learner; see <see cref="FewShotLearners"/>. Default refilled.</summary>
    public string Learner { get; init; } = "refilled";

    /// <summary>The network that the learner embeds with, or starts from on each task: a run folder or a network file.</summary>
    public required string Backbone { get; init; }

    /// <summary>The teacher: a run folder or a network file. Needed where the learner reads one.</summary>
    public string? Teacher { get; init; }

    /// <summary>The size of a task.</summary>
    public EpisodeShape Episode { get; init; } = new();

    /// <summary>Number of tasks, T. Default 2000: intervals of about 0.4 points.</summary>
    public int Tasks { get; init; } = 2000;

    /// <summary>Decides, with a task's number, which images are in it. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Options of the learner "svm".</summary>
    public SvmOptions Svm { get; init; } = new();

    /// <summary>Options of the learner "fine-tune".</summary>
    public FineTuneOptions FineTune { get; init; } = new();

    /// <summary>Options of the learner "maml".</summary>
    public MamlOptions Maml { get; init; } = new();

    /// <summary>Options of the learner "refilled".</summary>
    public RefilledOptions Refilled { get; init; } = new();

    /// <inheritdoc cref="Recipe.Precision"/>
    public PrecisionChoice Precision { get; init; } = PrecisionChoice.Auto;

    /// <summary>Where it computes: cpu, cuda, cuda:n or auto. Default auto.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Tasks that are solved at a time, on one thread each; 0 takes one for each core.</summary>
    /// <remarks>What is measured doesn't depend on it.</remarks>
    public int Threads { get; init; }

    /// <summary>How the data is to be read.</summary>
    internal DataOptions DataOptions => new()
    {
        ImageSize = ImageSize, SkipBad = SkipBad, Depth = Depth, GroupBy = GroupBy, DecodedCache = DecodedCache,
    };

    /// <summary>The recipe with what "auto" and 0 stand for.</summary>
    internal FewShotRecipe On(Machine machine) =>
        this with { Device = machine.Name, Precision = machine.Choice, Threads = machine.Threads };

    /// <summary>What its words stand for here; loads the engine.</summary>
    /// <exception cref="InputException">A GPU was asked for that isn't there.</exception>
    internal Machine Resolve() => Machine.Resolve(Device,
        Precision == PrecisionChoice.Auto && FewShotLearners.Find(Learner).ComputesInFp32 ? PrecisionChoice.Fp32 : Precision, Threads);

    /// <summary>The <see cref="Identity"/> of what decides the learner's numbers, without the options of other learners.</summary>
    /// <exception cref="InputException">A file of class names can't be read.</exception>
    internal string SettingsHash()
    {
        var kind = FewShotLearners.Find(Learner);
        var blank = new FewShotRecipe { Backbone = "" };
        var chooses = kind.Choice(this) is not null;
        return Identity.Hash(blank, kind.WithOptions(blank, this) with
        {
            ImageSize = ImageSize, SkipBad = SkipBad, JoinTest = JoinTest, Learner = Learner, Episode = Episode, Tasks = Tasks, Seed = Seed,
            Classes = Identity.Classes(Classes),
            Validation = chooses && Validation is { } validation ? Identity.Classes(validation) : null,
            ValidationTasks = chooses ? ValidationTasks : blank.ValidationTasks,
        });
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Problem(Data is not null || Support is not null, "data",
            "is missing: name the data that tasks are drawn from, or a folder of images of your own as support"),
        .. Check.Problem(Data is null || Support is null, "support",
            "stands beside data; tasks come either from data or from folders of your own"),
        .. Check.Problem(Query is null || Support is not null, "query",
            "is a folder of images to classify, which needs a support beside it; images of each class in a task are episode.query"),
        .. Check.Parses("data", Data, DataCatalog.Check),
        .. Check.Parses("support", Support, DataCatalog.Check),
        .. Check.Parses("query", Query, DataCatalog.Check),
        .. Check.Parses("classes", Classes, spec => ClassSpec.Parse(spec)),
        .. Check.Parses("validation", Validation, spec => ClassSpec.Parse(spec)),
        .. Check.Parses("device", Device, Machine.Check),
        .. ProblemsOfLearner(),
        .. Check.Range("image-size", ImageSize, 8, 1024),
        .. Check.Range("depth", Depth, 1, 8),
        .. Check.Parses("group-by", GroupBy, DataCatalog.CheckGroupBy),
        .. Check.Range("validation-tasks", ValidationTasks, 2, 1_000_000),
        .. Check.Range("tasks", Tasks, 2, 1_000_000),
        .. Check.Range("threads", Threads, 0, 1024, "one for each core"),
    ];

    private List<(string Path, string Message)> ProblemsOfLearner()
    {
        if (Check.Parses("learner", Learner, FewShotLearners.Check).ToList() is { Count: > 0 } unknown) return unknown;
        if (Learner is null) return []; // missing, and reported as that
        var kind = FewShotLearners.Find(Learner);
        return
        [
            .. Check.Problem(!kind.ReadsTeacher || Teacher is not null, "teacher",
                $"the learner '{Learner}' reads a teacher: name a run folder or a network file"),
            .. Check.Problem(!kind.ComputesInFp32 || Precision != PrecisionChoice.Bf16, "precision",
                $"the learner '{Learner}' computes in fp32 alone"),
            .. kind.Choice(this) is { } choice
                ? Check.Problem(Data is not null && Validation is not null, choice,
                    "there is nothing to choose it on: name validation classes of the data, or give a value")
                : [],
        ];
    }
}
