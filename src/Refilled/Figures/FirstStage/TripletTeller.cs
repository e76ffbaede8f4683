using Refilled.Data;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Figures.FirstStage;

/// <summary>Finds a triplet of the first batch that student and teacher compare otherwise, and what becomes of it.</summary>
/// <remarks>The batch is seen as in training: in its views, and with batch norm by the batch's own statistics.</remarks>
/// <param name="task">The training.</param>
/// <param name="loss">Its loss, which says what a triplet is.</param>
internal sealed class TripletTeller(TrainingTask task, AlignmentLoss loss)
{
    /// <summary>The semi-hard triplet with the largest divergence before training; null where the batch has none.</summary>
    public TripletStory? Begin(ITeacher teacher)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = First();
        var student = Student(batch);
        var labels = batch.Labels.cpu();
        var triplets = new SemiHardMiner(loss.Margin).Mine(student, labels);
        if (triplets.shape[0] == 0) return null;
        var taught = Distances.OfUnitRows(teacher.Observe(batch, Needs.Embedding).Embedding.cpu());
        var (learns, knows) = (Gaps(student, triplets), Gaps(taught, triplets));
        var largest = (int)TripletAlignment.Bernoulli(learns, knows).argmax().WholeNumber();
        int[] places = triplets[largest].Integers();
        return new TripletStory([.. places.Select(place => Image(batch, place))],
            [.. places.Select(place => task.Train.ClassNames[(int)labels[place].WholeNumber()])], places,
            Probability(knows[largest]), Probability(learns[largest]), loss.Temperature, (int)triplets.shape[0]);
    }

    /// <summary>The story with what the student makes of it now.</summary>
    public TripletStory End(TripletStory story)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = First();
        var triplet = tensor(story.Places.Select(place => (long)place).ToArray()).unsqueeze(0);
        return story with { After = Probability(Gaps(Student(batch), triplet)[0]) };
    }

    /// <summary>The batch that training begins with.</summary>
    private Batch First()
    {
        var settings = task.Method.Stages[0].Settings(task.Stage1, task.Stage2);
        return new BatchStream(task.Train, new BatchStreamOptions
        {
            BatchSize = task.BatchSize, PerClass = settings.PerClass, OrderSeed = task.Seed, ViewSeed = task.ViewSeed, Prefetch = 0,
        }).Epoch(0).First();
    }

    /// <summary>The student's distances <c>[B, B]</c>; its statistics stay as they are, because a copy is asked.</summary>
    private Tensor Student(Batch batch)
    {
        using var copy = StudentCopy.Of(task.Student, task.Student.Options.Precision);
        return Distances.OfUnitRows(copy.Observe(batch.Images, Needs.Embedding).Embedding.cpu());
    }

    /// <summary>(d_an - d_ap) / τ of each triplet, <c>[T]</c>.</summary>
    private Tensor Gaps(Tensor distances, Tensor triplets)
    {
        Tensor To(int which) => distances.flatten().index_select(0,
            triplets.select(1, 0).mul(tensor(distances.shape[1])).Plus(triplets.select(1, which)));
        return (To(2) - To(1)).Over(loss.Temperature);
    }

    private static double Probability(Tensor gap)
    {
        using var probability = gap.sigmoid();
        return Math.Round(probability.Number(), 6);
    }

    private static byte[] Image(Batch batch, int place)
    {
        using var pixels = batch.Images[place].clone();
        var shape = pixels.shape;
        return PictureSheet.Png(new ImageShape((int)shape[0], (int)shape[1], (int)shape[2]), pixels.bytes);
    }
}
