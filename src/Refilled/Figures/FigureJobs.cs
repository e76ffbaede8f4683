using Refilled.Experiments;
using Refilled.Tables;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Figures;

/// <summary>Does a figure's trainings in this process, one after the other, and looks at the students meanwhile.</summary>
/// <param name="data">The data.</param>
/// <param name="formats">Formats of teachers of the caller's, asked before the built-in ones.</param>
/// <param name="show">Given a training, runs and shows it.</param>
internal sealed class FigureJobs(
    LoadedData data, IReadOnlyList<ITeacherFormat> formats, Func<Func<IProgress<TrainProgress>, RunResult>, RunResult> show) : IJobRunner
{
    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel)
    {
        // What goes wrong is part of the task's end, not of its beginning.
        await Task.CompletedTask.ConfigureAwait(false);
        var train = (TrainStart)start;
        var loaded = data.Of(train.Recipe.Data, train.Recipe.DataOptions, cancel);
        using var experiment = Experiment.Prepare(train.Recipe, loaded, formats, cancel);
        using var folder = train.Resume ? RunFolder.Open(train.Folder) : RunFolder.Create(train.Folder);
        if (train.Job is not FigureRun run)
        {
            show(progress => experiment.Run(folder, progress, cancel));
            return JobOutcome.Trained;
        }
        var measures = FigureRun.MeasuresOf(train.Folder);
        if (!train.Resume) File.Delete(measures);
        using var teacher = run.AsksTeacher ? Open(train.Recipe) : null;
        var probe = run.Probe(experiment, loaded, teacher?.Teach(), measures);
        probe.Measure(0, cancel);
        show(progress => experiment.Run(folder, new BetweenEpochs(progress, probe, cancel), cancel));
        return JobOutcome.Trained;
    }

    /// <summary>The teacher in fp32: gradients are differences of numbers that are nearly equal.</summary>
    private Teacher Open(Recipe recipe) => Teacher.Open(Teacher.Find(recipe.Teacher!, formats: formats),
        Machine.Resolve(recipe.Device, PrecisionChoice.Fp32, recipe.Threads).Networks, formats);

    /// <summary>Hands on what a trainer reports, and looks at the student at the end of each epoch.</summary>
    /// <remarks>The trainer writes the epoch's checkpoint afterwards, so that what was cut meanwhile is done again.</remarks>
    private sealed class BetweenEpochs(IProgress<TrainProgress> shown, IRunProbe probe, CancellationToken cancel) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            shown.Report(value);
            // Without means it is the teacher's cache that is filled.
            if (value is { EpochDone: true, Means.Count: > 0 }) probe.Measure(value.Epoch + 1, cancel);
        }
    }
}
