using Refilled.Files;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Experiments.FewShot;

/// <summary>The networks that a few-shot recipe names, checked against its learner.</summary>
internal sealed class FewShotNetworks : IDisposable
{
    private FewShotNetworks(FewShotNetwork backbone, FewShotNetwork? teacher, Objective? adapter, string? adapterHash)
    {
        (Backbone, Teacher, Adapter, AdapterHash) = (backbone, teacher, adapter, adapterHash);
        if (teacher is not null) Taught = new NetworkTeacher(teacher.Network, teacher.ClassNames);
    }

    /// <summary>The network that the learner embeds with, or starts from.</summary>
    public FewShotNetwork Backbone { get; }

    /// <summary>The teacher's network; null where the learner reads none.</summary>
    public FewShotNetwork? Teacher { get; }

    /// <summary>The teacher; null where the learner reads none.</summary>
    public NetworkTeacher? Taught { get; }

    /// <summary>What was trained beside the backbone; null where the learner needs nothing.</summary>
    public Objective? Adapter { get; }

    /// <summary>SHA-256 (hex) of its file.</summary>
    public string? AdapterHash { get; }

    /// <summary>The classes that they were trained on, each with what it is called.</summary>
    public IEnumerable<(string Whose, IReadOnlyList<string> Names)> Trained =>
        Teacher is null ? [(FewShotNetwork.BackboneRole, Backbone.ClassNames)]
            : [(FewShotNetwork.BackboneRole, Backbone.ClassNames), ("teacher", Teacher.ClassNames)];

    /// <summary>What a learner is made of, with these networks.</summary>
    public LearnerParts Parts(FewShotRecipe recipe) => new(recipe, Backbone.Network) { Teacher = Taught, Adapter = Adapter };

    /// <summary>Checks that the learner solves tasks of a number of classes.</summary>
    /// <exception cref="InputException">It doesn't.</exception>
    public void CheckWay(FewShotRecipe recipe, int way)
    {
        if (FewShotLearners.Find(recipe.Learner).Misfit(Parts(recipe), way) is { } why)
            throw new InputException($"The learner '{recipe.Learner}' can't be used with the backbone '{recipe.Backbone}': {why}.");
    }

    /// <summary>Reads them.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="machine">Where they are to compute.</param>
    /// <exception cref="InputException">One is missing, damaged, or not what the learner needs.</exception>
    public static FewShotNetworks Load(FewShotRecipe recipe, Machine machine)
    {
        var kind = FewShotLearners.Find(recipe.Learner);
        // What is missing is told before anything is read.
        var place = NetworkPlace.Find(recipe.Backbone, FewShotNetwork.BackboneRole);
        var teacherPlace = kind.ReadsTeacher ? NetworkPlace.Find(recipe.Teacher!) : null;
        var beside = FewShotNetwork.AdapterOf(place.File);
        if (kind.Adapter is { } needed && !File.Exists(beside))
            throw Lacks(kind, needed, $"beside the backbone '{recipe.Backbone}' there is no {Path.GetFileName(beside)}");

        var backbone = FewShotNetwork.Load(place, machine);
        Objective? adapter = null;
        try
        {
            if (kind.Adapter is { } loss)
            {
                adapter = AdapterFile.Load(beside, backbone.Network);
                if (adapter.Spec.Name != loss) throw Lacks(kind, loss, $"'{beside}' is of the loss '{adapter.Spec.Name}'");
            }
            var teacher = teacherPlace is null ? null : FewShotNetwork.Load(teacherPlace, machine);
            return new FewShotNetworks(backbone, teacher, adapter, adapter is null ? null : FileHash.Of(beside));
        }
        catch
        {
            adapter?.Dispose();
            backbone.Network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Adapter?.Dispose();
        Taught?.Dispose();
        Backbone.Network.Dispose();
    }

    private static InputException Lacks(LearnerKind kind, string loss, string why)
    {
        var trainers = Methods.Names.Where(name =>
            Methods.Create(name, new LossOptions()).Stages.Any(stage => stage.Losses.Any(spec => spec.Name == loss)));
        return new InputException($"The learner '{kind.Name}' needs what the loss '{loss}' trains beside its network, but {why}. "
            + $"Name the run of a network that was trained by the method {string.Join(" or ", trainers)}.");
    }
}

/// <summary>A network that a few-shot recipe names, as it was read.</summary>
/// <param name="Place">Where it was.</param>
/// <param name="Network">The network.</param>
/// <param name="ClassNames">The classes that it was trained on.</param>
internal sealed record FewShotNetwork(NetworkPlace Place, EmbeddingNetwork Network, IReadOnlyList<string> ClassNames)
{
    /// <summary>What a backbone is called in messages.</summary>
    public const string BackboneRole = "backbone";

    /// <summary>SHA-256 (hex) of the file.</summary>
    public string Hash { get; } = Place.Hash;

    /// <summary>The file of what was trained beside a network.</summary>
    public static string AdapterOf(string networkFile) => Path.Combine(Path.GetDirectoryName(networkFile) ?? "", RunFolder.AdapterName);

    /// <summary>Reads a network in evaluation mode.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="machine">Where it is to compute.</param>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static FewShotNetwork Load(NetworkPlace place, Machine machine)
    {
        var trained = Teacher.Open(place, machine.Networks).Trained;
        trained.Network.eval();
        return new FewShotNetwork(place, trained.Network, trained.ClassNames);
    }
}
