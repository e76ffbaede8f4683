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
        var groups = RunGroup.Of(runs);
        // The run that is named first is looked at, not the first of its seeds.
        groups = [.. groups.Select(group => group.Runs.Contains(runs[0])
            ? group with { Runs = [runs[0], .. group.Runs.Where(run => run != runs[0])] } : group)];
        var facts = new ReportFacts(Title ?? Named(runs[0], fit), groups)
            { Fit = fit, Licence = Licence, Made = DateTimeOffset.Now };
        NetworkLook? look = null;
        try
        {
            if (runs[0] is { HasNetwork: true, Recipe: { } recipe })
            {
                look = RunLook.Of(runs[0], Data, formats, cancel);
                facts = facts with { Look = look, Teacher = TeacherRows.Of(recipe, TripletsSection.Among(look.Measured), formats, cancel) };
            }
            else facts = facts with { NoLook = Unseen(runs[0]) };
        }
        catch (InputException e) when (Data is null)
        {
            facts = facts with { NoLook = $"Its images can't be shown: {e.Message} (--data names where they are now.)" };
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
        var (data, classes) = (run.Result?.Data ?? run.Recipe?.Data.Split(':')[0] ?? run.Name, fit?.Classes.Count);
        return fit is not null ? $"{fit.Student} of {classes} classes"
            : $"{run.Recipe?.Student ?? run.Name} on {data}, by '{run.Recipe?.Method}'";
    }
}
