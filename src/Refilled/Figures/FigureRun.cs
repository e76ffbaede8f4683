using System.Text.Json;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tables;
using Refilled.Tables.Grid;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Figures;

/// <summary>A training of a figure, whose student is looked at between epochs.</summary>
/// <param name="Cell">The training.</param>
/// <param name="Teaching">The training of the teacher; null where it was trained already.</param>
internal abstract record FigureRun(GridCell Cell, GridCell? Teaching) : TrainJob(Cell.Recipe)
{
    /// <summary>Whether the teacher is looked at as well, so that it must be there, whatever the method reads.</summary>
    public abstract bool AsksTeacher { get; }

    /// <summary>What is looked at, as one text: measurements with another belong to another figure.</summary>
    public abstract string Look { get; }

    /// <inheritdoc/>
    public override string Id => Cell.Id;

    /// <inheritdoc/>
    public override string Label => Cell.Method;

    /// <inheritdoc/>
    public override string ResultName => $"{Cell.Student}_{Cell.Method}_{Cell.Seed}.json";

    /// <inheritdoc/>
    public override bool IsMeans => false;

    /// <inheritdoc/>
    public override TrainJob? TeacherJob => AsksTeacher || Recipe!.CreateMethod().HasTeacher ? Teaching : null;

    /// <summary>Begins to look.</summary>
    /// <param name="experiment">The training, prepared.</param>
    /// <param name="data">Its data.</param>
    /// <param name="teacher">The teacher where it is asked, else null; the probe doesn't free it.</param>
    /// <param name="file">Where what was measured is kept.</param>
    public abstract IRunProbe Probe(Experiment experiment, Dataset data, ITeacher? teacher, string file);

    /// <summary>Where what is measured of a run is kept: beside its folder.</summary>
    public static string MeasuresOf(string runFolder) => Path.TrimEndingDirectorySeparator(runFolder) + ".measures.json";
}

/// <summary>Looks at a student between epochs and keeps what it measures.</summary>
internal interface IRunProbe
{
    /// <summary>Measures the student after some epochs, unless that isn't asked for or was done before the run was cut.</summary>
    /// <param name="epoch">Epochs that it has trained; 0 before the first.</param>
    /// <param name="cancel">Stops it; the epoch is done again then.</param>
    void Measure(int epoch, CancellationToken cancel);
}

/// <summary>A training of a figure whose measurements are of some type.</summary>
/// <inheritdoc cref="FigureRun"/>
internal abstract record FigureRun<T>(GridCell Cell, GridCell? Teaching) : FigureRun(Cell, Teaching)
    where T : class, IMeasures
{
    /// <inheritdoc/>
    public override Type ResultType => typeof(FigureResult<T>);

    /// <inheritdoc/>
    public override object Keep(RunResult? run, string place, IReadOnlyList<ITeacherFormat> formats) =>
        new FigureResult<T>(run!, Read(MeasuresOf(place)) ?? throw new InputException($"The run in '{place}' is done, but "
            + $"'{MeasuresOf(place)}', which holds what was measured of it, is gone or damaged: delete the run"
            + " folder, and run the figure again."));

    /// <inheritdoc/>
    public override Measured Measured(object result) => ((FigureResult<T>)result).Run;

    /// <inheritdoc/>
    public override IEnumerable<Fact> Facts(object result)
    {
        var one = (FigureResult<T>)result;
        IEnumerable<Fact> asked = one.Measures.Teacher is { } teacher ? [new Fact("the teacher that was asked", "", teacher)] : [];
        return Cell.Facts(one.Run).Concat(asked);
    }

    /// <inheritdoc/>
    public override string? Problem(object result) => ((FigureResult<T>)result) switch
    {
        { Run: null } or { Measures: null } => "is incomplete: delete it",
        { Measures.Look: var look } when look != Look => $"was measured otherwise than the recipe says ({look}, not {Look}): delete it and "
            + "the run folder, or choose another folder with --results and --out",
        var one when one.Measures.Lacking is { } lacking => $"lacks {lacking}: delete it and the run folder, and run the "
            + "figure again",
        var one => Cell.Problem(one.Run),
    };

    /// <summary>Reads measurements; null where there are none that can be read.</summary>
    public static T? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<T>(File.ReadAllText(file), RunFolder.Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps measurements, atomically.</summary>
    public static void Write(string file, T measures) =>
        RunFolder.WriteText(file, JsonSerializer.Serialize(measures, RunFolder.Json) + "\n");
}

/// <summary>What a probe keeps.</summary>
internal interface IMeasures
{
    /// <summary>What was looked at; see <see cref="FigureRun.Look"/>.</summary>
    string Look { get; }

    /// <summary>The fingerprint of the teacher that was asked; null where none was.</summary>
    string? Teacher { get; }

    /// <summary>What lacks of what was planned, as "epoch 3"; null where nothing does.</summary>
    string? Lacking { get; }
}

/// <summary>A run of a figure and what was measured meanwhile, as the results hold it.</summary>
internal sealed record FigureResult<T>(RunResult Run, T Measures) where T : class, IMeasures;
