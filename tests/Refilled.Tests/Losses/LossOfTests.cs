using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Losses.Features;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

/// <summary>Losses in a loop that isn't ours: no batch, no clock, no objective.</summary>
public class LossOfTests
{
    private static readonly long[] Labels = [0, 1, 2, 0, 1, 2, 0, 1];

    public static TheoryData<string> Names() =>
    [
        "cross-entropy", "soft-targets", "relational-knowledge", "triplet-alignment", "tuple-alignment",
        "attention-transfer", "neuron-selectivity", "local-classifier",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_the_weight_times_the_mean_of_the_term_with_the_same_gradient(string name)
    {
        using var scope = NewDisposeScope();
        var (loss, learned, taught) = Case(name);
        using var batch = Rows.Batch(Labels);
        using var objective = loss.Bind(new SignalShapes(3, 3, 5));
        var mean = objective.Compute(Signals(loss.StudentNeeds, learned), Signals(loss.TeacherNeeds, taught), batch, default).Mean();
        mean.backward();
        var slope = learned.grad!.clone();
        learned.grad!.zero_();

        var own = OfTensors(loss, learned, taught, batch.Labels);
        Assert.Empty(own.shape);
        Assert.Equal(7 * mean.Number(), own.Number(), 1e-6 * Math.Abs(own.Number()));
        Assert.True(own.Number() > 0);
        own.backward();
        Assert.InRange((learned.grad! - slope.Times(7)).abs().max().Number(), 0, 1e-5 * slope.abs().max().Number());

        if (loss is not PureLoss pure) return;
        var same = pure.Of(Signals(loss.StudentNeeds, learned), Signals(loss.TeacherNeeds, taught), batch.Labels);
        Assert.Equal(own.Number(), same.Number());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Other_images_are_refused(string name)
    {
        using var scope = NewDisposeScope();
        var (loss, learned, taught) = Case(name);
        var (fewer, labels) = (taught.narrow(0, 0, 5), tensor(Labels));
        if (loss is not CrossEntropy) Assert.Throws<ArgumentException>(() => OfTensors(loss, learned, fewer, labels));
        if (loss is not PureLoss pure) return;
        var (student, teacher) = (Signals(loss.StudentNeeds, learned), Signals(loss.TeacherNeeds, taught));
        Assert.Throws<ArgumentException>(() => pure.Of(student, teacher, labels.narrow(0, 0, 5)));
        Assert.Throws<ArgumentException>(() => pure.Of(student, teacher, labels.to(ScalarType.Int32)));
        Assert.Throws<InvalidOperationException>(() => pure.Of(new Signals(), teacher, labels));
    }

    [Fact]
    public void An_alignment_loss_reads_no_smaller_matrix_beyond_its_end()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (new Signals(Rows.Random(8, 3, 1)), new Signals(Rows.Random(5, 3, 2)));
        Assert.Throws<ArgumentException>(() => new TripletAlignment().Compute(student, teacher, tensor(Labels)));
    }

    [Fact]
    public void Unequally_many_feature_maps_are_refused()
    {
        using var scope = NewDisposeScope();
        var map = Maps.Random(1, 8, 2, 3, 3);
        Assert.Throws<ArgumentException>(() => new AttentionTransfer().Of([map, map], [map]));
        Assert.Throws<ArgumentException>(() => new AttentionTransfer().Of([], []));
    }

    [Fact]
    public void Global_centres_need_an_objective() =>
        Assert.Throws<InvalidOperationException>(() => LocalClassifier.Authors.Of(zeros(2, 2), zeros(2, 2), zeros([2], ScalarType.Int64)));

    [Fact]
    public void A_clock_that_nobody_set_is_the_start_of_one_step()
    {
        Assert.Equal(new TrainClock(0, 0, 1, 1), default);
        Assert.Equal(default, new TrainClock(0, 0, 0, 0));
        Assert.Equal(0, default(TrainClock).Progress);
        Assert.Equal((10, 4), new TrainClock(1, 5, 10, 4) is var clock ? (clock.StepsPerEpoch, clock.Epochs) : default);
        Assert.Equal(0.375, new TrainClock(1, 5, 10, 4).Progress);
        Assert.Equal((3, 1), new TrainClock { StepsPerEpoch = 3 } is var made ? (made.StepsPerEpoch, made.Epochs) : default);
        Assert.Equal(7, new CrossEntropy { Weight = 7, Decay = 0.5 }.WeightAt(default));
        foreach (var schedule in Enum.GetValues<ScheduleKind>())
            Assert.True(double.IsFinite(new StageSettings { Schedule = schedule, WarmUp = 2 }.LearningRateAt(default)));
    }

    private static (LossSpec Loss, Tensor Learned, Tensor Taught) Case(string name)
    {
        var (rows, others) = (Rows.Random(8, 3, 1).requires_grad_(), Rows.Random(8, 5, 2));
        var (maps, larger) = (Maps.Random(1, 8, 2, 3, 3).requires_grad_(), Maps.Random(2, 8, 4, 5, 5));
        return name switch
        {
            "cross-entropy" => (new CrossEntropy { Weight = 7 }, rows, others),
            "soft-targets" => (new SoftTargets { Weight = 7 }, rows, Rows.Random(8, 3, 3)),
            "relational-knowledge" => (new RelationalKnowledge { Weight = 7 }, rows, others),
            "triplet-alignment" => (new TripletAlignment { Weight = 7, Margin = 1 }, rows, others),
            "tuple-alignment" => (new TupleAlignment { Weight = 7, Margin = 1 }, rows, others),
            "attention-transfer" => (new AttentionTransfer { Weight = 7 }, maps, larger),
            "neuron-selectivity" => (new NeuronSelectivity { Weight = 7 }, maps, larger),
            _ => (new LocalClassifier { Weight = 7 }, rows, others),
        };
    }

    private static Tensor OfTensors(LossSpec loss, Tensor learned, Tensor taught, Tensor labels) => loss switch
    {
        CrossEntropy own => own.Of(learned, labels),
        SoftTargets own => own.Of(learned, taught),
        RelationalKnowledge own => own.Of(learned, taught),
        AlignmentLoss own => own.Of(learned, taught, labels),
        GroupwiseLoss own => own.Of([learned], [taught]),
        LocalClassifier own => own.Of(learned, taught, labels),
        _ => throw new ArgumentException(loss.Name),
    };

    private static Signals Signals(Needs needs, Tensor tensor) => needs switch
    {
        Needs.Embedding => new Signals(tensor),
        Needs.Logits => new Signals(logits: tensor),
        Needs.FeatureMaps => new Signals(featureMaps: [tensor]),
        _ => Refilled.Networks.Signals.None,
    };
}
