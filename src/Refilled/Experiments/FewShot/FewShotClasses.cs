namespace Refilled.Experiments.FewShot;

/// <summary>Checks that the classes of few-shot tasks are new. Classes are compared by name.</summary>
internal static class FewShotClasses
{
    /// <param name="novel">The classes that tasks are drawn from.</param>
    /// <param name="validation">Those that something is chosen on; null where there are none.</param>
    /// <param name="trained">What networks were trained on, each with what it is called.</param>
    /// <exception cref="InputException">Some are known already; the message names the first ones of each.</exception>
    public static void Check(IReadOnlyList<string> novel, IReadOnlyList<string>? validation,
        IEnumerable<(string Whose, IReadOnlyList<string> Names)> trained)
    {
        var problems = new List<string>();
        void Disjoint(string what, IReadOnlyList<string> classes, string whose, IReadOnlyList<string> others)
        {
            var common = classes.Intersect(others, StringComparer.Ordinal).ToList();
            if (common.Count > 0)
                problems.Add($"{what} and {whose} share {common.Count} "
                    + $"({string.Join(", ", common.Take(3))}{(common.Count > 3 ? " …" : "")})");
        }
        const string Novel = "the tasks' classes", Validation = "the validation's classes";
        if (validation is not null) Disjoint(Novel, novel, Validation, validation);
        foreach (var (whose, names) in trained)
        {
            Disjoint(Novel, novel, $"those that the {whose} was trained on", names);
            if (validation is not null) Disjoint(Validation, validation, $"those that the {whose} was trained on", names);
        }
        if (problems.Count > 0)
            throw new InputException($"Few-shot tasks are of classes that nothing has seen before, but {string.Join("; ", problems)}. "
                + "Choose other classes with --classes, or another network.");
    }
}
