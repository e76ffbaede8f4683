using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Figures.FirstStage;

/// <summary>Divides a student's embedding into groups between epochs, and makes maps and a triplet's story of one run.</summary>
internal sealed class ClusterProbe : IRunProbe
{
    private readonly ClusterRun run;
    private readonly Experiment experiment;
    private readonly ITeacher? teacher;
    private readonly string file;
    private readonly UnseenImages unseen;
    private ClusterMeasures measures;

    /// <inheritdoc cref="ClusterProbe"/>
    /// <param name="run">The run.</param>
    /// <param name="experiment">The training, prepared.</param>
    /// <param name="data">Its data.</param>
    /// <param name="teacher">The teacher where the run is the one that is shown, else null.</param>
    /// <param name="file">Where the measurements are kept.</param>
    public ClusterProbe(ClusterRun run, Experiment experiment, Dataset data, ITeacher? teacher, string file)
    {
        (this.run, this.experiment, this.teacher, this.file) = (run, experiment, teacher, file);
        unseen = UnseenImages.Select(run.Figure, data, experiment.Task.Train.ClassNames, teacher?.ClassNames ?? []);
        var kept = FigureRun<ClusterMeasures>.Read(file);
        measures = kept is not null && kept.Look == run.Look && kept.Teacher == teacher?.Fingerprint ? kept
            : new ClusterMeasures { Look = run.Look, Teacher = teacher?.Fingerprint, Planned = run.Planned(experiment.Task.TotalEpochs) };
    }

    /// <inheritdoc/>
    public void Measure(int epoch, CancellationToken cancel)
    {
        if (!measures.Planned.Contains(epoch) || measures.Epochs.Any(own => own.Epoch == epoch)) return;
        var student = experiment.Task.Student;
        if (epoch == 0 && teacher is not null) AskTeacher(cancel);
        if (run.Shown && epoch == 0) Show("before", student, cancel);
        if (run.Shown && epoch == experiment.Task.TotalEpochs) Show("after", student, cancel);
        var now = Score(epoch, set => NetworkReader.Read(student, set, cancel), cancel);
        measures = measures with { Epochs = [.. measures.Epochs.Append(now).OrderBy(own => own.Epoch)] };
        FigureRun<ClusterMeasures>.Write(file, measures);
    }

    /// <summary>Both scores of an embedding.</summary>
    private ClusterEpoch Score(int epoch, Func<ImageSet, Readings> read, CancellationToken cancel)
    {
        using Readings train = read(experiment.Task.Train), heldOut = read(experiment.Task.HeldOut);
        using Readings means = read(unseen.Means), tested = read(unseen.Tested);
        var clusterings = run.Figure.Clusterings;
        return new ClusterEpoch(epoch, ClusterScore.Of(train, heldOut, Divided.Tested, clusterings, cancel),
            ClusterScore.Of(means, tested, Divided.Both, clusterings, cancel));
    }

    private void AskTeacher(CancellationToken cancel)
    {
        using var mapped = TeacherReader.Read(teacher!, unseen.Mapped, cancel);
        var map = run.Figure.Map;
        measures = measures with
        {
            OfTeacher = Score(0, set => TeacherReader.Read(teacher!, set, cancel), cancel),
            Maps = new EmbeddingMaps(unseen.Mapped.ClassNames, unseen.Mapped.Labels,
                [.. MapMaker.Of("teacher", mapped, map.Perplexity, cancel)], MapMaker.Images(unseen.Mapped, map.Images)),
        };
    }

    /// <summary>Adds the student's maps, and the triplet's beginning or end.</summary>
    private void Show(string when, EmbeddingNetwork student, CancellationToken cancel)
    {
        using var mapped = NetworkReader.Read(student, unseen.Mapped, cancel);
        var maps = measures.Maps!;
        var layouts = maps.Layouts.Where(layout => layout.Of != when).Concat(MapMaker.Of(when, mapped, run.Figure.Map.Perplexity, cancel));
        measures = measures with { Maps = maps with { Layouts = [.. layouts] } };
        var teller = new TripletTeller(experiment.Task, (AlignmentLoss)experiment.Task.Method.Stages[0].Losses
            .First(loss => loss is AlignmentLoss));
        measures = measures with
        {
            Triplet = when == "before" ? teller.Begin(teacher!) : measures.Triplet is { } told ? teller.End(told) : null,
        };
    }
}
