using Refilled.Losses.Alignment;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

[Trait("Category", "Golden")]
public class AlignmentGoldenTests
{
    [Theory]
    [InlineData("stage1_triplet_tau4")]
    [InlineData("stage1_triplet_tau1")]
    [InlineData("stage1_triplet_zero_dist")]
    [InlineData("stage1_triplet_empty")]
    public void Triplets(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = new TripletAlignment { Temperature = golden.Number("tau"), Margin = golden.Number("margin") };
        Check(golden, loss, weight: 500);

        var triplets = golden["triplets"];
        var (s, t) = (Gaps(golden["student_raw"], triplets).Over(loss.Temperature),
            Gaps(golden["teacher_raw"], triplets).Over(loss.Temperature));
        golden.Agrees("student_prob", s.sigmoid());
        golden.Agrees("teacher_prob", t.sigmoid());
        golden.Agrees("kl_per_triplet", TripletAlignment.Bernoulli(s, t));
    }

    [Theory]
    [InlineData("stage1_tuple_masked_tau4")]
    [InlineData("stage1_tuple_masked_tau1")]
    [InlineData("stage1_tuple_trunc_tau4")]
    [InlineData("stage1_tuple_trunc_tau1")]
    [InlineData("stage1_tuple_trunc_min1")]
    [InlineData("stage1_tuple_empty")]
    public void Tuples(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = new TupleAlignment { Temperature = golden.Number("tau"), Margin = golden.Number("margin"),
            Truncate = golden.Truth("truncate_to_min") };
        Check(golden, loss, weight: 1000);
    }

    /// <summary>Value, authors' value and both gradients, through the public face.</summary>
    private static void Check(GoldenCase golden, AlignmentLoss loss, double weight)
    {
        using var batch = golden.Batch();
        var raw = golden.Input("student_raw");
        var unit = Distances.Unit(raw);
        golden.Agrees("student_unit", unit);
        golden.Agrees("teacher_unit", Distances.Unit(golden["teacher_raw"]));
        var value = loss.Compute(new Signals(raw), new Signals(golden["teacher_raw"]), batch, default).Mean();
        golden.Agrees("loss", value);
        golden.Same("triplets", new SemiHardMiner(loss.Margin).Mine(Distances.OfUnitRows(golden["student_raw"]), golden["labels"]));
        if (golden.Has("loss_authors")) golden.Agrees("loss_authors", value.Times(weight));
        value.backward();
        golden.GradientAgrees("grad_student_raw", raw.grad);

        // Both ways to compute it, and the gradient by the unit rows, which leaves out the normalisation.
        var teacher = Distances.OfUnitRows(golden["teacher_raw"]);
        foreach (var chunks in new[] { false, true })
        {
            var rows = golden.Input("student_unit");
            var between = Distances.Between(rows.to(ScalarType.Float64), rows.to(ScalarType.Float64));
            var (sum, count, gradient) = chunks
                ? loss.Chunks(between, teacher, batch.Labels)
                : AnchorLoops.Run(loss, between, teacher, batch.Labels);
            golden.Agrees("loss", sum / count.AtLeast(1));
            (between * gradient / count.AtLeast(1)).sum().backward();
            golden.GradientAgrees("grad_student_unit", rows.grad);
        }
    }

    /// <summary>d_an - d_ap of each triplet, after a check of what is mined.</summary>
    private static Tensor Gaps(Tensor raw, Tensor triplets)
    {
        var distances = Distances.OfUnitRows(raw);
        Tensor To(int column) => distances.view(-1).index_select(0, triplets.select(1, 0).Times(distances.shape[1]).to(ScalarType.Int64)
            .Plus(triplets.select(1, column)));
        return To(2) - To(1);
    }
}
