using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Figures;
using Refilled.Tables.Grid;
using Refilled.Tables.Poster;

namespace Refilled.Reports.Runs;

/// <summary>Runs that differ by their seed alone.</summary>
/// <param name="Name">What they are called: their method, and what else tells them from the others.</param>
/// <param name="Runs">The runs, at least one, by their seeds.</param>
internal sealed record RunGroup(string Name, IReadOnlyList<RunRecord> Runs)
{
    /// <summary>Those that have ended.</summary>
    public IReadOnlyList<RunResult> Results => [.. Runs.Select(run => run.Result).OfType<RunResult>()];

    /// <summary>Puts runs that differ by their seed alone together, in the order of the first of each.</summary>
    public static IReadOnlyList<RunGroup> Of(IReadOnlyList<RunRecord> runs)
    {
        var groups = runs.GroupBy(Key).Select(own => own.OrderBy(run => run.Recipe?.Seeds.Run ?? 0).ToList()).ToList();
        return [.. groups.Select(own => new RunGroup(Label(own[0], groups), own))];
    }

    /// <summary>Points that these are above others on the same test images and seeds; null where they can't be compared.</summary>
    public PairedGain? Over(RunGroup other)
    {
        var pairs = (from mine in Results
                     from theirs in other.Results
                     where mine.Seed == theirs.Seed && mine.TestHash is not null && mine.TestHash == theirs.TestHash
                         && mine.RightSelected is not null && theirs.RightSelected is not null
                     select (Mine: Right(mine), Theirs: Right(theirs))).ToList();
        return pairs.Count == 0 || pairs[0].Mine.Count < 2 || pairs.Any(pair => pair.Mine.Count != pairs[0].Mine.Count) ? null
            : PairedGain.Compute([.. pairs.Select(pair => pair.Mine)], [.. pairs.Select(pair => pair.Theirs)]);
    }

    /// <summary>How the poster stands to these; null where there is no result.</summary>
    public (double? Number, string Note)? Poster()
    {
        if (Results is not [var result, ..] || Runs[0].Recipe is not { } recipe) return null;
        var poster = new PosterSetting(recipe.Setting, result.Data, result.Teacher, result.Student, result.Split.Split(':')[0], recipe);
        return (poster.NumberFor(recipe.Method), poster.Note);
    }

    /// <summary>Mean and deviation of something over the results; null where there are none.</summary>
    public Spread? Mean(Func<RunResult, double> value) => Results.Count == 0 ? null : Spread.Of([.. Results.Select(value)]);

    private static IReadOnlyList<bool> Right(RunResult result) => RightImages.Decode(result.RightSelected!, result.TestImages);

    private static string Key(RunRecord run)
    {
        if (run.Recipe is not { } recipe) return run.Path;
        try
        {
            return $"{Identity.Hash(recipe with { Seeds = recipe.Seeds with { Run = 0 } })} {run.Result?.DataHash}";
        }
        catch (InputException)
        {
            return run.Path; // a file of class names that is gone
        }
    }

    /// <summary>The method, with what tells it from the other groups of it.</summary>
    private static string Label(RunRecord run, IReadOnlyList<IReadOnlyList<RunRecord>> groups)
    {
        if (run.Recipe is not { } recipe) return run.Name;
        var alike = groups.Select(own => own[0]).Where(other => other.Recipe?.Method == recipe.Method).ToList();
        if (alike.Count < 2) return recipe.Method;
        List<string> parts = [recipe.Method];
        if (alike.Any(other => other.Recipe!.Student != recipe.Student)) parts.Add(recipe.Student);
        if (alike.Any(other => other.Recipe!.Classes != recipe.Classes)) parts.Add(ClassSpec.Parse(recipe.Classes).Label);
        return alike.Count(other => other.Recipe!.Student == recipe.Student && other.Recipe.Classes == recipe.Classes) > 1
            ? $"{string.Join(", ", parts)} ({run.Name})" : string.Join(", ", parts);
    }
}
