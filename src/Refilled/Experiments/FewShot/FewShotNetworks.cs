using Refilled.Files;
using Refilled.Losses;
using Refilled.Teachers;
using Refilled.Networks;

namespace Refilled.Experiments.FewShot;

/// <summary>The networks that a few-shot recipe names, checked against its learner.</summary>
internal sealed class FewShotNetworks : IDisposable
{
    private const string BackboneRole = "backbone";

    private FewShotNetworks(Teacher backbone, Teacher? teacher, Objective? adapter, string? adapterHash) =>
        (Backbone, Teacher, Adapter, AdapterHash) = (backbone, teacher, adapter, adapterHash);

    /// <summary>The network that the learner embeds with, or starts from.</summary>
    public Teacher Backbone { get; }

    /// <summary>The teacher; null where the learner reads none.</summary>
    public Teacher? Teacher { get; }

    /// <summary>What was trained beside the backbone; null where the learner needs nothing.</summary>
    public Objective? Adapter { get; }

    /// <summary>SHA-256 (hex) of its file.</summary>
    public string? AdapterHash { get; }

    /// <summary>The classes that they were trained on, each with what it is called.</summary>
    public IEnumerable<(string Whose, IReadOnlyList<string> Names)> Trained =>
        Teacher is null ? [(BackboneRole, Backbone.ClassNames)] : [(BackboneRole, Backbone.ClassNames), ("teacher", Teacher.ClassNames)];

    /// <summary>What had to be assumed of them.</summary>
    public IReadOnlyList<string> Notes => [.. Backbone.Notes, .. Teacher?.Notes ?? []];

    /// <summary>What a learner is made of, with these networks.</summary>
    public LearnerParts Parts(FewShotRecipe recipe) =>
        new(recipe, Backbone.Trained.Network) { Teacher = Teacher?.Teach(), Adapter = Adapter };

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
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <exception cref="InputException">One is missing, damaged, or not what the learner needs.</exception>
    public static FewShotNetworks Load(FewShotRecipe recipe, Machine machine, IReadOnlyList<ITeacherFormat> formats)
    {
        var kind = FewShotLearners.Find(recipe.Learner);
        // What is missing is told before anything is read.
        var place = Teacher.Find(recipe.Backbone, BackboneRole, formats);
        var teacherPlace = kind.ReadsTeacher ? Teacher.Find(recipe.Teacher!, formats: formats) : null;
        var beside = AdapterFile.Beside(place.File);
        if (kind.Adapter is { } needed && !File.Exists(beside))
            throw Lacks(kind, needed, $"beside the backbone '{recipe.Backbone}' there is no {Path.GetFileName(beside)}");

        var backbone = Teacher.Open(place, machine.Networks, formats);
        backbone.Trained.Network.eval();
        Teacher? teacher = null;
        Objective? adapter = null;
        try
        {
            backbone.Trained.Network.eval();
            if (kind.Adapter is { } loss)
            {
                adapter = AdapterFile.Load(beside, backbone.Trained.Network);
                if (adapter.Spec.Name != loss) throw Lacks(kind, loss, $"'{beside}' is of the loss '{adapter.Spec.Name}'");
            }
            if (teacherPlace is not null) teacher = Teacher.Open(teacherPlace, machine.Networks, formats);
            if (teacher is not null && !teacher.Teach().Provides.HasFlag(Needs.Embedding))
                throw new InputException(
                    $"The learner '{kind.Name}' reads the teacher's embedding, which '{recipe.Teacher}' doesn't give.");
            return new FewShotNetworks(backbone, teacher, adapter, adapter is null ? null : FileHash.Of(beside));
        }
        catch
        {
            teacher?.Dispose();
            adapter?.Dispose();
            backbone.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Adapter?.Dispose();
        Teacher?.Dispose();
        Backbone.Dispose();
    }

    private static InputException Lacks(LearnerKind kind, string loss, string why)
    {
        var trainers = Methods.Names.Where(name =>
            Methods.Create(name, new LossOptions()).Stages.Any(stage => stage.Losses.Any(spec => spec.Name == loss)));
        return new InputException($"The learner '{kind.Name}' needs what the loss '{loss}' trains beside its network, but {why}. "
            + $"Name the run of a network that was trained by the method {string.Join(" or ", trainers)}.");
    }
}
