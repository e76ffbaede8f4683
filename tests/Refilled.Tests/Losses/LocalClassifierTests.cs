using Refilled.Losses.Alignment;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

public class LocalClassifierTests
{
    private static readonly long[] Labels = [0, 0, 2, 2, 2, 5, 0, 4, 4];
    private const int Classes = 7;

    public static TheoryData<Centres, Similarity, Normalisation> Options()
    {
        var data = new TheoryData<Centres, Similarity, Normalisation>();
        foreach (var centres in Enum.GetValues<Centres>())
            foreach (var similarity in Enum.GetValues<Similarity>())
                foreach (var normalise in Enum.GetValues<Normalisation>())
                    if (normalise != Normalisation.MeanSquare || (similarity == Similarity.SquaredDistance && centres != Centres.Global))
                        data.Add(centres, similarity, normalise);
        return data;
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Agrees_with_loops_in_value_and_gradient(Centres centres, Similarity similarity, Normalisation normalise)
    {
        using var scope = NewDisposeScope();
        var loss = new LocalClassifier
        {
            Centres = centres,
            Similarity = similarity,
            Normalise = normalise,
            MeanSquare = 5,
            TeacherTemperature = 1.5,
            StudentTemperature = 3,
        };
        var embedding = Rows.Random(Labels.Length, 6, 1, 0.8);
        var logits = Rows.Random(Labels.Length, Classes, 2, 2).requires_grad_();
        var train = Rows.Random(40, 6, 3);
        var trainLabels = Enumerable.Range(0, 40).Select(i => (long)(i % Classes)).ToArray();
        using var objective = loss.Bind(new SignalShapes(Classes, 1, 6));
        objective.Prepare(new StoredTeacher(train), new LabelledRows(tensor(trainLabels)));
        using var batch = Rows.Batch(Labels);

        var phi = Rows.Doubles(embedding);
        var seen = Rows.Doubles(train);
        if (normalise == Normalisation.Unit) (phi, seen) = ([.. phi.Select(NaiveLosses.Unit)], [.. seen.Select(NaiveLosses.Unit)]);
        double[] Mean(IEnumerable<double[]> rows) => [.. Enumerable.Range(0, 6).Select(k => rows.Average(row => row[k]))];
        double[]? Centre(int sample, long c)
        {
            if (centres == Centres.Global) return NaiveLosses.Unit(Mean(seen.Where((_, j) => trainLabels[j] == c)));
            var members = Enumerable.Range(0, phi.Length)
                .Where(j => Labels[j] == c && !(centres == Centres.LeaveOneOut && j == sample))
                .Select(j => phi[j]).ToList();
            return members.Count == 0 ? null : Mean(members);
        }
        (double Sum, int Count) Naive(Tensor rows) => NaiveLosses.LocalClassifier(phi, Rows.Doubles(rows), Labels, Centre,
            similarity == Similarity.InnerProduct, normalise == Normalisation.MeanSquare ? 5 : null, 1.5, 3);

        var term = objective.Compute(new Signals(logits: logits), new Signals(embedding), batch, default);
        var (sum, count) = Naive(logits);
        Assert.Equal(centres == Centres.LeaveOneOut ? 8 : 9, count);
        Assert.Equal(count, term.Count.Number());
        Assert.Equal(sum, term.Sum.Number(), 1e-5 * sum);
        term.Sum.backward();
        Rows.GradientAgrees(logits, logits.grad!, rows => Naive(rows).Sum);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(3L, 3L, 3L)]
    [InlineData(0L, 1L, 2L, 3L)]
    public void Edges_have_finite_values_and_gradients(params long[] labels)
    {
        foreach (var centres in Enum.GetValues<Centres>())
        {
            foreach (var normalise in Enum.GetValues<Normalisation>())
            {
                using var scope = NewDisposeScope();
                using var objective = new LocalClassifier { Centres = centres, Normalise = normalise }
                    .Bind(new SignalShapes(Classes, 1, 6));
                objective.Prepare(new StoredTeacher(Rows.Random(14, 6, 3)), new LabelledRows(Numbers.Range(0, 14).Modulo(Classes)));
                var logits = Rows.Random(labels.Length, Classes, 4, 50).requires_grad_();
                using var batch = Rows.Batch(labels);
                var mean = objective.Compute(new Signals(logits: logits), new Signals(ones(labels.Length, 6)), batch, default).Mean();
                mean.backward();
                Assert.True(double.IsFinite(mean.Number()));
                Assert.True(logits.grad!.isfinite().all().item<bool>());
            }
        }
    }

    [Fact]
    public void Under_leave_one_out_a_batch_of_singletons_counts_nothing()
    {
        using var scope = NewDisposeScope();
        using var objective = new LocalClassifier { Centres = Centres.LeaveOneOut, Normalise = Normalisation.MeanSquare }
            .Bind(new SignalShapes(Classes, 1, 6));
        var logits = Rows.Random(3, Classes, 4).requires_grad_();
        using var batch = Rows.Batch(6, 0, 3);
        var term = objective.Compute(new Signals(logits: logits), new Signals(Rows.Random(3, 6, 5)), batch, default);
        term.Mean().backward();
        Assert.Equal((0, 0, 0), (term.Sum.Number(), term.Count.Number(), term.Mean().Number()));
        Assert.Equal(0, logits.grad!.abs().max().Number());
    }

    [Fact]
    public void Leave_one_out_forgets_the_sample_where_the_batch_mean_degenerates_to_the_label()
    {
        using var scope = NewDisposeScope();
        // Sample 0 lies among class 1; its class's other member is far away.
        var embedding = tensor(new float[,] { { 0, 0 }, { 10, 0 }, { 1, 0 }, { -1, 0 } });
        var labels = tensor(new long[] { 0, 0, 1, 1 });
        Tensor Taught(Centres centres) =>
            (LocalClassifier.Paper with { Centres = centres }).Teach(embedding, labels, 2, null).LogProbabilities.exp().cpu();
        // -(5² ; 0²) / 2 and -(10² ; 0²) / 2
        Assert.Equal(Math.Exp(-12.5) / (1 + Math.Exp(-12.5)), Taught(Centres.Batch)[0, 0].Number(), 1e-9);
        Assert.Equal(Math.Exp(-50), Taught(Centres.LeaveOneOut)[0, 0].Number(), 1e-24);
    }

    [Theory]
    [InlineData(Centres.Batch)]
    [InlineData(Centres.LeaveOneOut)]
    [InlineData(Centres.Global)]
    public void A_mixed_image_belongs_to_the_class_that_most_of_it_is_of(Centres centres)
    {
        using var scope = NewDisposeScope();
        using var objective = (LocalClassifier.Paper with { Centres = centres }).Bind(new SignalShapes(Classes, 1, 6));
        objective.Prepare(new StoredTeacher(Rows.Random(14, 6, 3)), new LabelledRows(Numbers.Range(0, 14).Modulo(Classes)));
        var (student, teacher) = (new Signals(logits: Rows.Random(4, Classes, 2)), new Signals(Rows.Random(4, 6, 1)));
        Tensor Of(Refilled.Data.Batch batch) => objective.Compute(student, teacher, batch, default).Mean();
        // At a half it is its own; class 6 is only the lesser part of an image, and absent.
        using var mixed = Refilled.Data.Batch.Owning(zeros([4, 1, 1, 1], ScalarType.Byte), tensor(new long[] { 0, 5, 2, 2 }), new long[4],
            new int[4], tensor(new long[] { 6, 2, 0, 1 }), tensor(new[] { 0.9f, 0.4f, 0.5f, 1f }));
        using var main = Rows.Batch(0, 2, 2, 2);
        using var labels = Rows.Batch(0, 5, 2, 2);
        Assert.Equal(Of(main).Number(), Of(mixed).Number());
        Assert.NotEqual(Of(labels).Number(), Of(mixed).Number());
    }

    [Fact]
    public void Logits_of_absent_classes_have_no_part()
    {
        using var scope = NewDisposeScope();
        using var objective = LocalClassifier.Paper.Bind(new SignalShapes(Classes, 1, 6));
        using var batch = Rows.Batch(Labels);
        var teacher = new Signals(Rows.Random(Labels.Length, 6, 1));
        var logits = Rows.Random(Labels.Length, Classes, 2);
        var plain = objective.Compute(new Signals(logits: logits), teacher, batch, default).Sum.Number();
        var moved = logits.clone();
        moved.index_copy_(1, tensor(new long[] { 1, 3, 6 }), Numbers.Full([moved.shape[0], 3], 1e30, moved.dtype, CPU));
        moved.requires_grad_();
        var term = objective.Compute(new Signals(logits: moved), teacher, batch, default);
        Assert.Equal(plain, term.Sum.Number());
        term.Sum.backward();
        Assert.Equal(0, moved.grad!.index_select(1, tensor(new long[] { 1, 3, 6 })).abs().max().Number());
        Assert.True(moved.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Mean_square_makes_the_teacher_blind_to_the_scale_of_its_embedding()
    {
        using var scope = NewDisposeScope();
        var loss = new LocalClassifier { Normalise = Normalisation.MeanSquare };
        var embedding = Rows.Random(Labels.Length, 6, 1);
        Tensor Taught(double scale) => loss.Teach(embedding.Times(scale), tensor(Labels), Classes, null).LogProbabilities.exp();
        Assert.True((Taught(1) - Taught(300)).abs().max().Number() < 1e-5);
    }

    [Fact]
    public void Global_centres_are_saved_and_show_when_they_were_forgotten()
    {
        using var scope = NewDisposeScope();
        var shapes = new SignalShapes(Classes, 1, 6);
        using var prepared = LocalClassifier.Authors.Bind(shapes);
        using var fresh = LocalClassifier.Authors.Bind(shapes);
        prepared.Prepare(new StoredTeacher(Rows.Random(40, 6, 3)), new LabelledRows(Numbers.Range(0, 40).Modulo(Classes)));
        using var batch = Rows.Batch(Labels);
        var logits = new Signals(logits: Rows.Random(Labels.Length, Classes, 2));
        var teacher = new Signals(Rows.Random(Labels.Length, 6, 1));
        Assert.True(double.IsNaN(fresh.Compute(logits, teacher, batch, default).Sum.Number()));
        fresh.load_state_dict(prepared.state_dict());
        Assert.Equal(prepared.Compute(logits, teacher, batch, default).Sum.Number(),
            fresh.Compute(logits, teacher, batch, default).Sum.Number());
        Assert.Equal([Classes, 6], Assert.Single(prepared.state_dict()).Value.shape);
        Assert.Empty(prepared.parameters());
    }

    [Fact]
    public void The_profiles_are_those_of_the_method()
    {
        var plain = new LocalClassifier { Normalise = Normalisation.None, TeacherTemperature = 2, StudentTemperature = 2 };
        Assert.Equal(
            plain with { Centres = Centres.Batch, Similarity = Similarity.SquaredDistance, Weight = 1 },
            LocalClassifier.Paper);
        Assert.Equal(
            plain with { Centres = Centres.Global, Similarity = Similarity.InnerProduct, Weight = 100 },
            LocalClassifier.Authors);
        Assert.Empty(LocalClassifier.Paper.Validate().Concat(LocalClassifier.Authors.Validate()));
    }

    [Fact]
    public void Squared_distance_at_4_equals_inner_product_at_2_with_unit_centres()
    {
        using var scope = NewDisposeScope();
        var embedding = Rows.Random(Labels.Length, 6, 1, 2);
        var centres = ClassMeans.UnitOf(Rows.Random(40, 6, 3), Numbers.Range(0, 40).Modulo(Classes), Classes);
        var inner = LocalClassifier.Authors.Teach(embedding, tensor(Labels), Classes, centres).LogProbabilities;
        var squared = (LocalClassifier.Authors with { Similarity = Similarity.SquaredDistance, TeacherTemperature = 4 })
            .Teach(embedding, tensor(Labels), Classes, centres).LogProbabilities;
        Assert.True((inner.exp() - squared.exp()).abs().max().Number() < 1e-5);
    }

    [Fact]
    public void Mean_square_of_distances_to_unit_centres_is_refused_because_it_makes_a_nearly_uniform_teacher()
    {
        using var scope = NewDisposeScope();
        // Classes far apart, and embeddings of the length that a network has.
        var labels = Numbers.Range(0, 40).Modulo(Classes);
        var embedding = eye(Classes, 32).Times(9).index_select(0, labels).Plus(Rows.Random(40, 32, 1));
        var centres = ClassMeans.UnitOf(embedding, labels, Classes);
        double Own(LocalClassifier loss) =>
            loss.Teach(embedding, labels, Classes, centres).LogProbabilities.exp().gather(1, labels.unsqueeze(1)).mean().Number();
        var global = new LocalClassifier { Centres = Centres.Global };
        Assert.InRange(Own(global with { Normalise = Normalisation.MeanSquare }), 1.0 / Classes, 2.0 / Classes);
        Assert.True(Own(global with { Normalise = Normalisation.Unit, TeacherTemperature = 0.2 }) > 0.9);
        Assert.Equal("normalise", Assert.Single((global with { Normalise = Normalisation.MeanSquare }).Validate()).Option);
        Assert.Empty((global with { Normalise = Normalisation.Unit }).Validate());
    }

    [Fact]
    public void Impossible_options_are_named() => Assert.Equal(["teacher-temperature", "student-temperature", "mean-square", "normalise"],
        new LocalClassifier
        {
            TeacherTemperature = 0,
            StudentTemperature = -1,
            MeanSquare = 0,
            Normalise = Normalisation.MeanSquare,
            Similarity = Similarity.InnerProduct,
        }.Validate().Select(problem => problem.Option));
}
