using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>One stage at work: its bound objectives, optimizer, meter and best weights so far.</summary>
internal sealed class StageRun : IDisposable
{
    private readonly TrainingTask task;
    private readonly Objectives objectives;
    private readonly Sgd optimizer;
    private readonly SignalShapes shapes;
    private readonly Objective? kept;
    private readonly UnlabelledTask? unlabelled;
    private readonly ViewsAhead ahead = new();
    private Dictionary<string, Tensor> best = [], bestKept = [];

    /// <summary>Items of the losses since the last update, a scalar on the device; null right after one.</summary>
    private Tensor? items;

    public StageRun(TrainingTask task, int index)
    {
        (this.task, Index, Stage) = (task, index, task.Method.Stages[index]);
        Settings = Stage.Settings(task.Stage1, task.Stage2);
        if (task.Train.Mixing is not null && Settings.Mixes && Stage.MixMisfit is { } why)
            throw new InputException($"{char.ToUpperInvariant(why[0])}{why[1..]}.");
        unlabelled = task.UnlabelledOf(Stage);
        Stream = Stage.Episode is { } shape ? Tasks(shape)
            : unlabelled is null ? Images(task.Train)
            : new InterleavedStream([Images(task.Train), Images(unlabelled.Images)], task.Seed);
        shapes = ShapeProbe.Observe(task);
        objectives = new Objectives(
            Stage.Losses, shapes, task.Student.Device, i => SeedMix.Mix(task.Seed, SeedStream.Connector, index, i));
        foreach (var objective in objectives.All) objective.Attach(task.Student);
        var trained = task.Student.named_parameters().Select(p => ("student/" + p.name, p.parameter)).Concat(
            from named in objectives.Named
            from p in named.Objective.named_parameters()
            select ($"{named.Name}/{p.name}", p.parameter));
        optimizer = new Sgd(trained, Settings.Momentum, Settings.WeightDecay,
            name => name.StartsWith("student/", StringComparison.Ordinal) ? 1 : Settings.ObjectiveRate);
        var keeping = objectives.All.Where(objective => objective.IsKept).ToList();
        if (keeping.Count > 1)
            throw new InputException($"The stage '{Stage.Name}' has {keeping.Count} losses whose adapters would be kept "
                + $"({string.Join(", ", keeping.Select(objective => objective.Spec.Name))}); a run keeps one.");
        kept = keeping.SingleOrDefault();
    }

    /// <summary>Its place in the method, from 0.</summary>
    public int Index { get; }

    public Stage Stage { get; }

    public StageSettings Settings { get; }

    public IBatchSource Stream { get; }

    /// <summary>Images that an epoch trains on; in several tasks of it the same one counts again.</summary>
    public long ImagesPerEpoch => Stage.Episode is { } shape ? (long)shape.Images * Stream.StepsPerEpoch
        : task.Train.Count + (unlabelled?.Images.Count ?? 0);

    public Meter Meter { get; } = new();

    public double? BestScore { get; private set; }

    public int BestEpoch { get; private set; } = -1;

    /// <summary>The weights of the best epoch so far.</summary>
    public IReadOnlyDictionary<string, Tensor> Best => best;

    /// <summary>Starts the stage: a fresh classifier (<see cref="StageSettings.Classifier"/>), and prepared objectives.</summary>
    public void Start(CancellationToken cancel = default)
    {
        task.Student.ResetClassifier(SeedMix.Mix(task.Seed, SeedStream.Classifier, Index));
        if (Settings.Classifier == StartingClassifier.ClassMeans) MeanClassifier.Give(task.Student, task.Train, cancel);
        objectives.Prepare(task.Teacher, BatchStream.Evaluation(task.Train), cancel);
    }

    /// <summary>Makes ready what an epoch will ask the teacher for. Few-shot tasks have no view that an epoch shares.</summary>
    /// <remarks>Where the task says so, the next epoch's view is begun in the background.</remarks>
    /// <param name="epoch">The epoch.</param>
    /// <param name="progress">Told the view, the images done and their total.</param>
    /// <param name="cancel">Stops it.</param>
    public void Prepare(int epoch, Action<int, int, int> progress, CancellationToken cancel)
    {
        if (objectives.TeacherNeeds == Needs.None || Stage.Episode is not null) return;
        ahead.Finish(progress, cancel);
        Fill(epoch, progress, cancel);
        if (task.FillsAhead && epoch + 1 < Settings.Epochs) ahead.Begin((told, stop) => Fill(epoch + 1, told, stop));
    }

    /// <summary>Whether the batches before a step have all gone into an update, so that the state is whole.</summary>
    public bool IsWhole(int step) => step % task.Accumulate == 0 || step == Stream.StepsPerEpoch;

    /// <summary>One step: observe, compute, go back, and update unless gradients are still to be accumulated.</summary>
    public void Step(Batch batch, TrainClock clock)
    {
        using var scope = NewDisposeScope();
        if (task.Student.Options.Dropout > 0)
            manual_seed(SeedMix.Mix(task.Seed, SeedStream.Dropout, Index, clock.Epoch * clock.StepsPerEpoch + clock.Step));
        var taught = objectives.Ask(batch.IsLabelled ? task.Teacher : unlabelled!.Teacher, batch);
        var learned = task.Student.Observe(batch.Images, objectives.StudentNeeds);
        var (total, found) = objectives.Compute(learned, taught, batch, clock, Meter.Add);
        if (items is null) optimizer.ZeroGrad();
        else found = found.Plus(items);
        // The last batches of an epoch may be fewer than the others.
        var together = Math.Min(task.Accumulate, clock.StepsPerEpoch - clock.Step / task.Accumulate * task.Accumulate);
        (together == 1 ? total : total.Over(together)).backward();
        items?.Dispose();
        items = null;
        if (IsWhole(clock.Step + 1)) optimizer.Step(Settings.LearningRateAt(clock), found.Above(0).to(ScalarType.Float32));
        else items = found.DetachFromDisposeScope();
        Meter.Add("loss", total, ones([]));
        Meter.Watch(total, clock.Step);
        if (objectives.StudentNeeds.HasFlag(Needs.Logits))
            Meter.Add("accuracy", Right(learned.Logits.detach().argmax(1), batch), Numbers.Whole(batch.Size, CPU));
    }

    /// <summary>How many images are seen as what they are, those that are mixed by the parts that are; a scalar.</summary>
    private static Tensor Right(Tensor predicted, Batch batch)
    {
        var own = predicted == batch.Labels.to(predicted.device);
        if (batch.Shares is null) return own.sum();
        var shares = batch.Shares.to(predicted.device);
        return (own * shares).sum().Plus(((predicted == batch.PartnerLabels!.to(predicted.device)) * shares.From(1)).sum());
    }

    /// <summary>Ends an epoch: keeps the weights if they are the best by the stage's measure.</summary>
    /// <remarks>Also where there is nothing to measure them on. With the student's go those of what is kept beside it.</remarks>
    /// <returns>The measure, or null without held-out images.</returns>
    public double? Select(int epoch, CancellationToken cancel = default)
    {
        var score = Score(cancel);
        if (score is null || BestScore is null || score > BestScore)
        {
            (BestScore, BestEpoch) = (score, epoch);
            Replace(ModuleState.Copy(ModuleState.Of(task.Student)), kept is null ? [] : ModuleState.Copy(ModuleState.Of(kept)));
        }
        return score;
    }

    private double? Score(CancellationToken cancel)
    {
        if (Stage.Selection != SelectionMeasure.Episodes)
            return task.HeldOut.Count == 0 ? null : Selection.Score(Stage.Selection, task.Student, task.Train, task.HeldOut, cancel);
        var tasks = task.Validation
            ?? throw new InvalidOperationException($"The stage '{Stage.Name}' is selected by validation tasks, but the task has none.");
        nn.Module[] evaluated = [task.Student, .. objectives.All];
        foreach (var module in evaluated) module.eval();
        try
        {
            return tasks.Score(task.Student, objectives.All, cancel);
        }
        finally
        {
            foreach (var module in evaluated) module.train();
        }
    }

    /// <summary>All tensors that <see cref="Restore"/> takes up, by group.</summary>
    public IEnumerable<(string Group, IEnumerable<KeyValuePair<string, Tensor>> Tensors)> State() =>
    [
        .. Trained().Select(part => (part.Group, part.Tensors.AsEnumerable())),
        ("meter", Meter.State), ("best", best), ("best-kept", bestKept),
    ];

    /// <summary>Takes up a stage where a checkpoint left it.</summary>
    public void Restore(Checkpoint checkpoint, string origin)
    {
        foreach (var (group, tensors) in Trained()) ModuleState.Restore(tensors, checkpoint.Group(group), origin);
        Meter.Restore(checkpoint.Group("meter"), task.Student.Device);
        Replace(ModuleState.Copy(checkpoint.Group("best")), ModuleState.Copy(checkpoint.Group("best-kept")));
        (BestScore, BestEpoch) = (checkpoint.State.BestScore, checkpoint.State.BestEpoch);
    }

    /// <summary>A copy of the objective that is kept, as it was at the best epoch; null where none is.</summary>
    /// <returns>The caller disposes it.</returns>
    public Objective? BestKept()
    {
        if (kept is null) return null;
        var copy = (Objective)kept.Spec.Bind(shapes).to(task.Student.Device);
        ModuleState.Restore(ModuleState.Of(copy), bestKept, "The selected epoch");
        return copy;
    }

    /// <summary>Hands over the best weights: the caller owns them now.</summary>
    public IReadOnlyDictionary<string, Tensor> TakeBest()
    {
        var taken = best;
        best = [];
        return taken;
    }

    public void Dispose()
    {
        ahead.Dispose();
        Replace([], []);
        items?.Dispose();
        Meter.Dispose();
        optimizer.Dispose();
        objectives.Dispose();
    }

    /// <summary>What changes from step to step, in the tensors that compute.</summary>
    private IEnumerable<(string Group, IReadOnlyDictionary<string, Tensor> Tensors)> Trained() =>
    [
        ("student", ModuleState.Of(task.Student)),
        ("velocity", optimizer.Velocities),
        .. objectives.Named.Select(named => (named.Name, (IReadOnlyDictionary<string, Tensor>)ModuleState.Of(named.Objective))),
    ];

    private void Fill(int epoch, Action<int, int, int> progress, CancellationToken cancel)
    {
        var view = Images(task.Train).ViewOf(epoch);
        foreach (var teacher in new[] { task.Teacher, unlabelled?.Teacher }.OfType<ITeacher>())
            teacher.Prepare(view, objectives.TeacherNeeds, (done, all) => progress(View.PlainOf(view), done, all), cancel);
    }

    private BatchStream Images(ImageSet set) => new(set, new BatchStreamOptions
    {
        BatchSize = task.BatchSize, PerClass = set.IsLabelled ? Settings.PerClass : 1, OrderSeed = task.Seed,
        Views = Settings.Views ?? task.Views, ViewSeed = task.ViewSeed, Mixed = Settings.Mixes, Prefetch = task.Prefetch,
    });

    private EpisodeStream Tasks(EpisodeShape shape) => new(task.Train, new EpisodeStreamOptions
    {
        Shape = shape,
        // Stages see tasks of their own.
        Seed = SeedMix.Mix(task.Seed, SeedStream.Episode, Index),
        EpisodesPerEpoch = Settings.EpisodesPerEpoch,
        ViewSeed = task.ViewSeed,
        Prefetch = task.Prefetch,
    });

    private void Replace(Dictionary<string, Tensor> student, Dictionary<string, Tensor> keptBeside)
    {
        foreach (var tensor in best.Values.Concat(bestKept.Values)) tensor.Dispose();
        (best, bestKept) = (student, keptBeside);
    }
}
