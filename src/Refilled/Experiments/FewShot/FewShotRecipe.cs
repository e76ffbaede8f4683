using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.Recipes;

namespace Refilled.Experiments.FewShot;

/// <summary>All that decides how a few-shot learner is measured: the typed form of a YAML file, edited by options. Either over many tasks that
/// are drawn from data, or on one task of the user's own images.</summary>
public sealed record FewShotRecipe : IValidated
{
    /// <summary>The data that tasks are drawn from, such as "cifar100:path"; see <see cref="DataCatalog"/>. Either they or the
    /// <see cref="Support"/>.</summary>
    public string? Data { get; init; }

    /// <summary>A folder of labelled images, a folder for each class: one task of the user's own. All its images are the support.</summary>
    public string? Support { get; init; }

    /// <summary>Images of the <see cref="Support"/>'s classes to classify, in a folder of the same form. Default: none, and only a student
    /// is made.</summary>
    public string? Query { get; init; }

    /// <inheritdoc cref="Recipe.ImageSize"/>
    public int? ImageSize { get; init; }

    /// <inheritdoc cref="Recipe.SkipBad"/>
    public bool SkipBad { get; init; }

    /// <inheritdoc cref="Recipe.DecodedCache"/>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>Whether tasks have all images of a class, as few-shot sets such as CIFAR-FS do. Default false: the source's test images
    /// alone, and for <see cref="Validation"/> its training images.</summary>
    public bool JoinTest { get; init; }

    /// <summary>The classes that tasks are drawn from, which no network was trained on; see <see cref="ClassSpec"/>; a file of names may lie
    /// beside the recipe. Default: all.</summary>
    [BesideRecipe]
    public string Classes { get; init; } = "all";

    /// <summary>Other classes, for what is chosen on tasks, such as the support vector machine's C. Default: none.</summary>
    [BesideRecipe]
    public string? Validation { get; init; }

    /// <summary>Number of tasks that such a choice is made on. Default 200.</summary>
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

    /// <summary>Tasks that are solved at a time, each on one of the engine's threads; 0 takes one for each core. What is measured doesn't
    /// depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>How the data is to be read.</summary>
    internal DataOptions DataOptions => new() { ImageSize = ImageSize, SkipBad = SkipBad, DecodedCache = DecodedCache };

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        var problems = new List<(string, string)>();
        void Check(string path, string? value, Action<string> check)
        {
            if (value is null) return;
            try { check(value); }
            catch (InputException e) { problems.Add((path, e.Message)); }
        }
        void Require(string path, bool holds, string message)
        {
            if (!holds) problems.Add((path, message));
        }

        Require("data", Data is not null || Support is not null, "is missing: name the data that tasks are drawn from, or a folder of images of your own as support");
        Require("support", Data is null || Support is null, "stands beside data; tasks come either from data or from folders of your own");
        Require("query", Query is null || Support is not null, "is a folder of images to classify, which needs a support beside it; images of each class in a task are episode.query");
        Check("data", Data, DataCatalog.Check);
        Check("classes", Classes, spec => ClassSpec.Parse(spec));
        Check("validation", Validation, spec => ClassSpec.Parse(spec));
        Check("device", Device, Devices.Check);
        Check("learner", Learner, name =>
        {
            var kind = FewShotLearners.Find(name);
            Require("teacher", !kind.ReadsTeacher || Teacher is not null, $"the learner '{name}' reads a teacher: name a run folder or a network file");
            Require("precision", !kind.ComputesInFp32 || Precision != PrecisionChoice.Bf16, $"the learner '{name}' computes in fp32 alone");
            if (kind.Choice(this) is { } choice) Require(choice, Data is not null && Validation is not null, "there is nothing to choose it on: name validation classes of the data, or give a value");
        });
        Require("image-size", ImageSize is null or >= 8 and <= 1024, $"must be from 8 to 1024, not {ImageSize}");
        Require("validation-tasks", ValidationTasks is >= 2 and <= 1_000_000, $"must be from 2 to 1000000, not {ValidationTasks}");
        Require("tasks", Tasks is >= 2 and <= 1_000_000, $"must be from 2 to 1000000, not {Tasks}");
        Require("threads", Threads is >= 0 and <= 1024, $"must be from 0 (one for each core) to 1024, not {Threads}");
        return problems;
    }
}
