using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Reports.Looks;
using Refilled.Reports.Runs;

namespace Refilled.Reports.Sections;

/// <summary>All that a report tells.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Groups">The runs; the first of the first one is what the report looks at closely.</param>
internal sealed record ReportFacts(string Title, IReadOnlyList<RunGroup> Groups)
{
    /// <summary>The run that is looked at closely.</summary>
    public RunRecord Subject => Groups[0].Runs[0];

    /// <summary>What its network says of each test image; null where it can't be asked.</summary>
    public NetworkLook? Look { get; init; }

    /// <summary>Why it can't; null where it can.</summary>
    public string? NoLook { get; init; }

    /// <summary>The fit that the run is the end of; null where it isn't one's.</summary>
    public FitResult? Fit { get; init; }

    /// <summary>What the teacher compares; null where it isn't at hand.</summary>
    public TeacherRows? Teacher { get; init; }

    /// <summary>Under what licence the network may be used, as the user says; null where nothing was said.</summary>
    public string? Licence { get; init; }

    /// <summary>When the report was made.</summary>
    public required DateTimeOffset Made { get; init; }
}
