using Refilled.Distillation;
using Refilled.Mining;
using Refilled.Networks;
using Refilled.Training;
using TorchSharp;
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

        var (student, teacher, triplets) = Mined(golden);
        var (s, t) = (loss.Logits(student, triplets), loss.Logits(teacher, triplets));
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
        var loss = new TupleAlignment { Temperature = golden.Number("tau"), Margin = golden.Number("margin"), Truncate = golden.Truth("truncate_to_min") };
        Check(golden, loss, weight: 1000);

        var (student, teacher, triplets) = Mined(golden);
        var tuples = TupleIndex.From(triplets, loss.Truncate);
        golden.Same("tuple_anchor", tuples.Anchors);
        golden.Same("tuple_positive", tuples.Neighbours);
        golden.Same("tuple_negative", tuples.Impostors);
        golden.Same("tuple_mask", tuples.Mask);
        golden.Same("tuple_count", tuples.Counts);
        var (s, t) = (loss.LogProbabilities(student, tuples), loss.LogProbabilities(teacher, tuples));
        golden.Agrees("student_prob", s.exp());
        golden.Agrees("teacher_prob", t.exp());
        golden.Agrees("kl_per_tuple", (t.exp() * (t - s).nan_to_num(0)).sum(dim: 1));
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
        if (golden.Has("loss_authors")) golden.Agrees("loss_authors", weight * value);
        value.backward();
        golden.GradientAgrees("grad_student_raw", raw.grad);

        // Unit rows are their own unit rows, but the gradient with respect to them must leave out the normalisation.
        var rows = golden.Input("student_unit");
        var between = Distances.Between(rows, rows);
        var teacher = Distances.OfUnitRows(golden["teacher_raw"]);
        Mean(loss, between, teacher, golden["triplets"]).backward();
        golden.GradientAgrees("grad_student_unit", rows.grad);
    }

    private static Tensor Mean(AlignmentLoss loss, Tensor student, Tensor teacher, Tensor triplets)
    {
        var items = loss.Divergences(student, teacher, triplets);
        return items.sum() / Math.Max(1, items.shape[0]);
    }

    private static (Tensor Student, Tensor Teacher, Tensor Triplets) Mined(GoldenCase golden)
    {
        var student = Distances.OfUnitRows(golden["student_raw"]);
        var triplets = new SemiHardMiner(golden.Number("margin")).Mine(student, golden["labels"]);
        golden.Same("triplets", triplets);
        return (student, Distances.OfUnitRows(golden["teacher_raw"]), triplets);
    }
}
