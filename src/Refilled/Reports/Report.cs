using System.Text.Json;
using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Reports.Looks;
using Refilled.Reports.Runs;
using Refilled.Reports.Sections;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Reports;

/// <summary>Makes one page of runs: how good, where not, and how they came about.</summary>
/// <param name="Places">Run folders, or folders that hold runs; the first run is looked at closely.</param>
internal sealed record Report(IReadOnlyList<string> Places)
{
    /// <summary>What a report is called in the folder of a fit.</summary>
    public const string FileName = "report.html";

    /// <summary>Its heading; null takes the first run's.</summary>
    public string? Title { get; init; }

    /// <summary>Under what licence the network may be used.</summary>
    public string? Licence { get; init; }

    /// <summary>Where the data lie now; null where the recipe says.</summary>
    public string? Data { get; init; }

    /// <summary>Reads the runs, asks the first one's network about its test images, and makes the page.</summary>
    /// <param name="formats">Formats of teachers of the caller's.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">A place is no run's, or the data that were named can't be used.</exception>
    public string Make(IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var runs = RunPlaces.Find(Places).Select(RunRecord.Read).ToList();
        var fit = RunPlaces.IsFit(Places[0]) ? Fitted(Places[0]) : null;
        // Of a folder of runs the first that was taught: a table's teacher stands among them.
        var subject = RunRecord.IsRun(Places[0]) || fit is not null ? runs[0]
            : runs.FirstOrDefault(run => run.Recipe?.Teacher is not null) ?? runs[0];
        var groups = RunGroup.Of([subject, .. runs.Where(run => run != subject)]);
        // The run that is meant is looked at, not the first of its seeds.
        groups = [groups[0] with { Runs = [subject, .. groups[0].Runs.Where(run => run != subject)] }, .. groups.Skip(1)];
        var facts = new ReportFacts(Title ?? Named(subject, fit), groups)
            { Fit = fit, Licence = Licence, Made = DateTimeOffset.Now };
        NetworkLook? look = null;
        try
        {
            if (subject is { HasNetwork: true, Recipe: { } recipe })
            {
                look = RunLook.Of(subject, Data, formats, cancel);
                facts = facts with { Look = look, Teacher = TeacherRows.Of(recipe, TripletsSection.Among(look.Measured), formats, cancel) };
            }
            else facts = facts with { NoLook = Unseen(subject) };
        }
        catch (InputException e) when (Data is null)
        {
            facts = facts with { NoLook = $"Its images can't be shown: {e.Message} (Where they have moved, --data names their place.)" };
        }
        using (look) return ReportPage.Of(facts, cancel);
    }

    private static string Unseen(RunRecord run) => run switch
    {
        { Recipe: null } => "Its recipe can't be read, so that its images can't be shown.",
        { State: RunState.Done } => "It has no network, so that nothing can be shown of single images.",
        _ => "Its network is written at its end; until then nothing can be shown of single images.",
    };

    private static FitResult? Fitted(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<FitResult>(File.ReadAllText(Path.Combine(path, FitRun.ResultName)), RunFolder.Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{Path.Combine(path, FitRun.ResultName)}' can't be read: {e.Message}", e);
        }
    }

    private static string Named(RunRecord run, FitResult? fit)
    {
        if (fit is not null) return $"{fit.Student} of {fit.Classes.Count} classes";
        if (run.Recipe is not { } recipe) return run.Name;
        // A folder is known by its own name.
        var place = recipe.Data.StartsWith("folder:", StringComparison.Ordinal) || !recipe.Data.Contains(':', StringComparison.Ordinal)
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(recipe.Data.Split(':')[^1])) : recipe.Data.Split(':')[0];
        return $"{recipe.Student} on {place}, by '{recipe.Method}'";
    }
}
