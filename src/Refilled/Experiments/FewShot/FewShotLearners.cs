using Refilled.FewShot;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;

namespace Refilled.Experiments.FewShot;

/// <summary>The few-shot learners by name.</summary>
internal static class FewShotLearners
{
    private static readonly LearnerKind[] Kinds =
    [
        new("1nn", parts => new NearestNeighbourLearner(parts.Network)),
        new("ncm", parts => new PrototypeLearner(parts.Network, "ncm")) { MakesStudents = true },
        new("svm", parts => new SvmLearner(parts.Network) { C = parts.Recipe.Svm.C ?? ChosenC(parts) })
        {
            Choice = recipe => recipe.Svm.C is null ? "svm.c" : null,
            WithOptions = (blank, recipe) => blank with { Svm = recipe.Svm },
        },
        new("fine-tune", parts => new FineTuneLearner(parts.Network, parts.Recipe.FineTune))
        {
            MakesStudents = true,
            WithOptions = (blank, recipe) => blank with { FineTune = recipe.FineTune },
        },
        new("maml", parts => ((MamlLearner)((ILearnerObjective)parts.Adapter!).Learner(parts.Network)).With(parts.Recipe.Maml))
        {
            Adapter = new MamlLoss().Name,
            MakesStudents = true,
            ComputesInFp32 = true,
            Misfit = (parts, way) => parts.Adapter!.Spec.TaskShape!.Way == way
                ? null : $"it was trained on tasks of {parts.Adapter.Spec.TaskShape.Way} classes, and can't solve those of {way}",
            WithOptions = (blank, recipe) => blank with { Maml = recipe.Maml },
        },
        new("protonet", parts => new PrototypeLearner(parts.Network)) { MakesStudents = true },
        new("feat", parts => ((ILearnerObjective)parts.Adapter!).Learner(parts.Network))
            { Adapter = new SetToSetLoss().Name, MakesStudents = true },
        new("refilled", parts => new RefilledLearner(parts.Network, parts.Teacher!, parts.Recipe.Refilled))
        {
            ReadsTeacher = true,
            MakesStudents = true,
            WithOptions = (blank, recipe) => blank with { Refilled = recipe.Refilled },
        },
    ];

    /// <summary>The names of all learners.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Kinds.Select(kind => kind.Name)];

    /// <summary>Checks a name.</summary>
    /// <exception cref="InputException">There is no such learner; the message lists them.</exception>
    public static void Check(string name) => Find(name);

    /// <summary>The learner of a name.</summary>
    /// <exception cref="InputException">There is none; the message lists them.</exception>
    internal static LearnerKind Find(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
            ?? throw new InputException($"There is no few-shot learner '{name}'.{NearestName.Hint(name, Names)} Known: "
                + $"{string.Join(", ", Names)}.");

    /// <summary>The names of those of which something holds, as a list for messages.</summary>
    internal static string NamesWhere(Func<LearnerKind, bool> holds) => string.Join(", ", Kinds.Where(holds).Select(kind => kind.Name));

    private static double ChosenC(LearnerParts parts)
    {
        var c = SvmLearner.ChooseC(parts.Network, parts.Validation!, cancel: parts.Cancel);
        parts.Chosen("c", c);
        return c;
    }
}
