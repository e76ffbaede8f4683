using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Figures.SecondStage;

/// <summary>Compares gradients of a student at some moments of its training.</summary>
/// <remarks>Teacher and student know all classes; for C of them their logits of these are compared, on batches that are the same for all C
/// and show images of the fewest classes alone. Gradients are those of the embedding's parameters, in fp32, batch norm by the batch's own
/// statistics as in training; every loss is the mean over the batch.</remarks>
internal sealed class GradientProbe : IRunProbe
{
    private readonly GradientRun run;
    private readonly Experiment experiment;
    private readonly ITeacher teacher;
    private readonly string file;
    private readonly int[] order;
    private readonly IReadOnlyList<long> columnsOfTeacher;
    private GradientMeasures measures;

    /// <inheritdoc cref="GradientProbe"/>
    /// <param name="run">The run.</param>
    /// <param name="experiment">The training, prepared.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="file">Where the measurements are kept.</param>
    public GradientProbe(GradientRun run, Experiment experiment, ITeacher teacher, string file)
    {
        (this.run, this.experiment, this.teacher, this.file) = (run, experiment, teacher, file);
        var names = experiment.Task.Train.ClassNames;
        // Neighbours in the list of classes are often alike.
        order = SeedMix.Permutation(names.Count, experiment.Task.Seed, SeedStream.Figures);
        columnsOfTeacher = [.. order.Select(label => (long)teacher.ClassNames.Index().First(one => one.Item == names[label]).Index)];
        var kept = FigureRun<GradientMeasures>.Read(file);
        measures = kept is not null && kept.Look == run.Look && kept.Teacher == teacher.Fingerprint ? kept : new GradientMeasures
        {
            Look = run.Look, Teacher = teacher.Fingerprint, Planned = run.Planned(experiment.Task.TotalEpochs),
        };
    }

    /// <inheritdoc/>
    public void Measure(int epoch, CancellationToken cancel)
    {
        if (!measures.Planned.Contains(epoch) || measures.Moments.Any(own => own.Epoch == epoch)) return;
        using var student = Copy(epoch);
        var bound = run.Figure.Classes.Select(classes => Bind(student, classes, cancel)).ToList();
        var found = new Dictionary<(int Classes, string Method), List<(double Difference, double Norm)>>();
        var images = 0;
        try
        {
            var batches = Stream().Epoch(0).Take(run.Figure.Batches);
            foreach (var size in batches.Read(batch => Compare(student, bound, batch, found, cancel), cancel)) images += size;
        }
        finally
        {
            foreach (var objectives in bound.SelectMany(own => own.Methods.Append(own.Plain))) objectives.Dispose();
        }
        measures = measures with
        {
            Moments = [.. measures.Moments.Append(new GradientMoment(epoch, [.. found.Select(pair => Point(pair.Key, pair.Value, images))]))
                .OrderBy(own => own.Epoch)],
        };
        FigureRun<GradientMeasures>.Write(file, measures);
    }

    /// <summary>What is minimised over some classes: cross-entropy, and each method's losses.</summary>
    private sealed record Bound(int Classes, Objectives Plain, IReadOnlyList<Objectives> Methods);

    private Bound Bind(EmbeddingNetwork student, int classes, CancellationToken cancel)
    {
        var images = experiment.Task.Train.OfClasses([.. order.Take(classes)]);
        var shapes = new SignalShapes(classes, student.EmbeddingSize, teacher.EmbeddingSize) { ClassImages = Counts(images) };
        Objectives Of(IReadOnlyList<LossSpec> losses)
        {
            var objectives = new Objectives(losses, shapes, student.Device);
            objectives.Prepare(teacher, BatchStream.Evaluation(images), cancel);
            return objectives;
        }

        return new(classes, Of([new CrossEntropy()]), [.. run.Figure.Methods.Select(method => Of(method.Losses))]);
    }

    /// <summary>Compares the gradients of a batch.</summary>
    /// <returns>Its images.</returns>
    private int Compare(EmbeddingNetwork student, IReadOnlyList<Bound> bound, Batch batch,
        Dictionary<(int, string), List<(double, double)>> found, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        const Needs both = Needs.Embedding | Needs.Logits;
        var (learned, taught) = (student.Observe(batch.Images, both), teacher.Observe(batch, both, cancel));
        List<Tensor> parameters =
            [.. student.named_parameters().Where(own => !student.IsOfClassifier(own.name)).Select(own => (Tensor)own.parameter)];
        foreach (var (classes, ofLabels, methods) in bound)
        {
            cancel.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var mine = Among(learned, [.. order.Take(classes).Select(label => (long)label)]);
            var its = Among(taught, [.. columnsOfTeacher.Take(classes)]);
            IList<Tensor> Gradient(Objectives objectives) =>
                autograd.grad([objectives.Compute(mine, its, batch, default).Total], parameters, retain_graph: true);
            var plain = Gradient(ofLabels);
            var norm = Norm(plain);
            foreach (var (name, objectives) in run.Figure.Methods.Select(method => method.Name).Zip(methods))
            {
                var difference = Norm([.. Gradient(objectives).Zip(plain, (a, b) => a - b)]);
                if (!found.TryGetValue((classes, name), out var values)) found[(classes, name)] = values = [];
                values.Add((difference / norm, norm));
            }
        }
        return batch.Size;
    }

    /// <summary>Signals whose logits are those of some classes.</summary>
    private static Signals Among(Signals signals, long[] columns) =>
        new(signals.Embedding, signals.Logits.index_select(1, tensor(columns, device: signals.Logits.device)));

    private static double Norm(IEnumerable<Tensor> parts) =>
        Math.Sqrt(parts.Sum(part => part.detach().to(ScalarType.Float64).Squared().sum().Number()));

    private static GradientPoint Point((int Classes, string Method) of, List<(double Difference, double Norm)> values, int images)
    {
        var spread = Spread.Of([.. values.Select(value => value.Difference)]);
        return new(of.Classes, of.Method, Math.Round(spread.Mean, 6), Math.Round(spread.Deviation, 6),
            Math.Round(values.Average(value => value.Norm), 6), values.Count, images);
    }

    /// <summary>The student as it is now, in fp32.</summary>
    private EmbeddingNetwork Copy(int epoch)
    {
        var copy = StudentCopy.Of(experiment.Task.Student, Precision.Fp32);
        // The trainer draws the classifier when it begins.
        if (epoch == 0) copy.ResetClassifier(SeedMix.Mix(experiment.Task.Seed, SeedStream.Classifier, 0));
        return copy;
    }

    /// <summary>Batches of the fewest classes' training images, in their first view.</summary>
    private BatchStream Stream() => new(experiment.Task.Train.OfClasses([.. order.Take(run.Figure.Classes[0])]), new BatchStreamOptions
    {
        BatchSize = experiment.Task.BatchSize, OrderSeed = experiment.Task.Seed, Views = 1, ViewSeed = experiment.Task.ViewSeed,
        Mixed = false, Prefetch = 0,
    });

    private static int[] Counts(ImageSet images)
    {
        var counts = new int[images.Classes];
        foreach (var label in images.Labels) counts[label]++;
        return counts;
    }
}
