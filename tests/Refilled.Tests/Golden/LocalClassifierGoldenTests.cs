using Refilled.Losses.Alignment;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

[Trait("Category", "Golden")]
public class LocalClassifierGoldenTests
{
    [Theory]
    [InlineData("stage2_eq9_tau2")]
    [InlineData("stage2_eq9_tau1")]
    [InlineData("stage2_eq9_oneclass")]
    public void As_the_poster(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = LocalClassifier.Paper
            with { TeacherTemperature = golden.Number("tau"), StudentTemperature = golden.Number("tau"), Weight = golden.Number("lambda") };
        Check(golden, loss, loss.Bind(Shapes(golden)), centres: null);
        var present = golden["classes_present"];
        var rows = golden["labels"].unsqueeze(0) == present.unsqueeze(1);
        golden.Agrees("prototypes", ClassMeans.Of(golden["teacher_embedding"], golden["labels"],
            (int)golden["student_logits"].shape[1]).index_select(0, present));
        Assert.Equal(present.shape[0], rows.any(1).sum().WholeNumber());
    }

    [Theory]
    [InlineData("stage2_authors_refilled")]
    [InlineData("stage2_authors_gkd")]
    public void As_the_authors(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var tau = golden.Number("tau");
        var loss = LocalClassifier.Authors with
        {
            TeacherTemperature = tau,
            StudentTemperature = golden.Truth("student_over_tau") ? tau : 1,
            Weight = golden.Number("lambda"),
        };
        var classes = (int)golden["student_logits"].shape[1];
        var objective = loss.Bind(Shapes(golden));
        objective.Prepare(new StoredTeacher(golden["train_teacher_embedding"]), new LabelledRows(golden["train_labels"]));
        var centres = objective.named_buffers().Single().buffer;
        golden.Agrees("class_center", centres);
        golden.Agrees("class_center", ClassMeans.UnitOf(golden["train_teacher_embedding"], golden["train_labels"], classes));
        Check(golden, loss, objective, centres);
    }

    private static SignalShapes Shapes(GoldenCase golden) =>
        new((int)golden["student_logits"].shape[1], 1, (int)golden["teacher_embedding"].shape[1]);

    private static void Check(GoldenCase golden, LocalClassifier loss, Objective objective, Tensor? centres)
    {
        using var batch = golden.Batch();
        var logits = golden.Input("student_logits");
        var teacher = new Signals(golden["teacher_embedding"]);
        var divergence = objective.Compute(new Signals(logits: logits), teacher, batch, default).Mean();
        var entropy = new CrossEntropy().Compute(new Signals(logits: logits), Signals.None, batch, default).Mean();
        golden.Agrees("loss_kl", divergence);
        golden.Agrees("loss_ce", entropy);
        var total = entropy.Plus(divergence.Times(loss.WeightAt(default)));
        golden.Agrees("loss", total);
        total.backward();
        golden.GradientAgrees("grad_student_logits", logits.grad);

        var (taught, present, _) = loss.Teach(teacher.Embedding, golden["labels"], (int)logits.shape[1], centres);
        golden.Same("classes_present", nonzero(present).squeeze(1));
        golden.Agrees("teacher_prob", taught.exp().index_select(1, golden["classes_present"]));
        golden.Agrees("student_prob", loss.Learn(logits, present).exp().index_select(1, golden["classes_present"]));
    }
}
