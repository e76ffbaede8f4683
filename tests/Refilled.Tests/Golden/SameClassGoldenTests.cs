using Refilled.Losses;
using Refilled.Losses.Features;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

/// <summary>The losses of the usual baselines: values and gradients.</summary>
[Trait("Category", "Golden")]
public class SameClassGoldenTests
{
    [Theory]
    [InlineData("kd_T4")]
    [InlineData("kd_extreme")]
    public void Soft_targets(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = new SoftTargets { Temperature = golden.Number("T") };
        var student = golden.Input("student_logits");
        var value = Mean(loss.Bind(new SignalShapes(2, 1, 1)), new Signals(logits: student), new Signals(logits: golden["teacher_logits"]));
        golden.Agrees("loss", value);
        golden.Agrees("loss_kl_unscaled", value.Over(loss.Temperature * loss.Temperature));
        value.backward();
        golden.GradientAgrees("grad_student_logits", student.grad);
    }

    [Theory]
    [InlineData("fitnet_hint")]
    [InlineData("fitnet_1x1_spatial")]
    public void Hints(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var (student, teacher) = (golden.Input("student_feat"), golden["teacher_feat"]);
        using var objective = new Hint().Bind(Maps.Shapes([student], [teacher]));
        Load(objective, ("regressor.weight", golden["regressor_weight"]), ("regressor.bias", golden["regressor_bias"]));
        var value = Mean(objective, Maps.Signals(student), Maps.Signals(teacher));
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_student_feat", student.grad);
        golden.GradientAgrees("grad_regressor_weight", objective.get_parameter("regressor.weight")!.grad);
        golden.GradientAgrees("grad_regressor_bias", objective.get_parameter("regressor.bias")!.grad);
    }

    [Theory]
    [InlineData("embedding_regression")]
    [InlineData("embedding_regression_zero")]
    public void Regression_of_the_embedding(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var (student, teacher) = (golden.Input("student_raw"), golden["teacher_raw"]);
        using var objective = new EmbeddingRegression().Bind(new SignalShapes(2, (int)student.shape[1], (int)teacher.shape[1]));
        Load(objective, ("projector.weight", golden["weight"]), ("projector.bias", golden["bias"]));
        using (no_grad()) objective.get_buffer("mean")!.copy_(golden["mean"]);
        var value = Mean(objective, new Signals(student), new Signals(teacher));
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_student_raw", student.grad);
        golden.GradientAgrees("grad_weight", objective.get_parameter("projector.weight")!.grad);
        golden.GradientAgrees("grad_bias", objective.get_parameter("projector.bias")!.grad);
    }

    [Theory]
    [InlineData("at_p2")]
    [InlineData("at_p2_pool_student")]
    [InlineData("at_p2_pool_teacher")]
    [InlineData("at_zero_sample")]
    public void Attention(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = new AttentionTransfer { Power = golden.Number("p") };
        CheckMaps(golden, loss);
        var (student, teacher) = FeatureMatching.Match(golden["student_feat"], golden["teacher_feat"]);
        golden.Agrees("student_attention", loss.Attention(student));
        golden.Agrees("teacher_attention", loss.Attention(teacher));
    }

    [Theory]
    [InlineData("nst_poly")]
    [InlineData("nst_poly_pool_student")]
    [InlineData("nst_poly_pool_teacher")]
    [InlineData("nst_zero_channel")]
    public void Selectivity(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        Assert.Equal((2, 0), (golden.Number("degree"), golden.Number("offset")));
        CheckMaps(golden, new NeuronSelectivity());
        var (student, teacher) = FeatureMatching.Match(golden["student_feat"], golden["teacher_feat"]);
        var (s, t) = (NeuronSelectivity.Channels(student), NeuronSelectivity.Channels(teacher));
        golden.Agrees("kernel_ss", NeuronSelectivity.Kernel(s, s).mean());
        golden.Agrees("kernel_tt", NeuronSelectivity.Kernel(t, t).mean());
        golden.Agrees("kernel_st", NeuronSelectivity.Kernel(s, t).mean());

        // The other way to the same number, whichever of the two was taken.
        foreach (var way in new Func<Tensor, Tensor, Tensor>[] { NeuronSelectivity.ByChannels, NeuronSelectivity.ByPixels })
        {
            var input = golden.Input("student_feat");
            var (learned, taught) = FeatureMatching.Match(input, golden["teacher_feat"]);
            var value = way(NeuronSelectivity.Channels(learned), NeuronSelectivity.Channels(taught)).mean();
            golden.Agrees("loss", value);
            value.backward();
            golden.GradientAgrees("grad_student_feat", input.grad);
        }
    }

    [Theory]
    [InlineData("vid")]
    [InlineData("vid_scales")]
    [InlineData("vid_pool_student")]
    [InlineData("vid_pool_teacher")]
    public void Information(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var (student, teacher) = (golden.Input("student_feat"), golden["teacher_feat"]);
        var loss = new VariationalInformation { Hidden = (int)golden["w1"].shape[0], LeastVariance = golden.Number("eps") };
        using var objective = loss.Bind(Maps.Shapes([student], [teacher]));
        Load(objective, ("predictors.0.conv1.weight", golden["w1"]), ("predictors.0.conv2.weight", golden["w2"]),
            ("predictors.0.conv3.weight", golden["w3"]), ("predictors.0.scale", golden["log_scale"]));
        var value = Mean(objective, Maps.Signals(student), Maps.Signals(teacher));
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_student_feat", student.grad);
        golden.GradientAgrees("grad_w1", objective.get_parameter("predictors.0.conv1.weight")!.grad);
        golden.GradientAgrees("grad_w2", objective.get_parameter("predictors.0.conv2.weight")!.grad);
        golden.GradientAgrees("grad_w3", objective.get_parameter("predictors.0.conv3.weight")!.grad);
        golden.GradientAgrees("grad_log_scale", objective.get_parameter("predictors.0.scale")!.grad);
    }

    [Theory]
    [InlineData("rkd")]
    [InlineData("rkd_duplicate")]
    public void Relations(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        Assert.Equal(1e-12, golden.Number("sq_floor"));
        var loss = new RelationalKnowledge { DistanceWeight = golden.Number("w_distance"), AngleWeight = golden.Number("w_angle") };
        var student = golden.Input("student_feat");
        golden.Agrees("loss_distance", RelationalKnowledge.OfDistances(student, golden["teacher_feat"]));
        golden.Agrees("loss_angle", RelationalKnowledge.OfAngles(student, golden["teacher_feat"]));
        var value = Mean(loss.Bind(new SignalShapes(2, 1, 1)), new Signals(student), new Signals(golden["teacher_feat"]));
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_student_feat", student.grad);
    }

    private static void CheckMaps(GoldenCase golden, LossSpec loss)
    {
        var (student, teacher) = (golden.Input("student_feat"), golden["teacher_feat"]);
        var value = Mean(loss.Bind(Maps.Shapes([student], [teacher])), Maps.Signals(student), Maps.Signals(teacher));
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_student_feat", student.grad);
    }

    private static Tensor Mean(Objective objective, Signals student, Signals teacher)
    {
        using var batch = Rows.Batch(0);
        return objective.Compute(student, teacher, batch, default(TrainClock)).Mean();
    }

    private static void Load(Objective objective, params (string Name, Tensor Value)[] values)
    {
        using var _ = no_grad();
        Assert.Equal(values.Select(pair => pair.Name).Order(StringComparer.Ordinal), objective.named_parameters().Select(pair => pair.name)
            .Order(StringComparer.Ordinal));
        foreach (var (name, value) in values) objective.get_parameter(name)!.copy_(value);
    }
}
