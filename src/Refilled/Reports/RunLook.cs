using Refilled.Experiments;
using Refilled.Reports.Runs;
using Refilled.Teachers;

namespace Refilled.Reports;

/// <summary>Has a run's network look at its test images.</summary>
internal static class RunLook
{
    /// <summary>What the selected epoch's network says of them; the caller disposes it.</summary>
    /// <param name="run">A run with a network and a readable recipe.</param>
    /// <param name="data">Where the images are now; null where the recipe says.</param>
    /// <param name="formats">Formats of teachers of the caller's.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">The network or the images can't be used.</exception>
    public static NetworkLook Of(RunRecord run, string? data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var recipe = run.Recipe ?? throw new InputException($"The recipe of '{run.Path}' can't be read.");
        // What the run was trained by doesn't matter here, and its teacher may be gone.
        return new NetworkEvaluation(run.Path, recipe with { Data = data ?? recipe.Data, Method = "student", Stages = [] })
        {
            OtherData = data is not null, TrainedOn = run.DataHash, OwnClasses = data is null,
        }.Look(formats, cancel);
    }
}
