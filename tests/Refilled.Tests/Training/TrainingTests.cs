using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

public class TrainingTests
{
    [Fact]
    public void Sgd_agrees_with_the_engines()
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (new Parameter(Rows.Random(4, 3, 1)), new Parameter(Rows.Random(4, 3, 1)));
        using var sgd = new Sgd([("w", ours)], 0.9, 5e-4);
        var velocity = zeros(4, 3);
        // By its script compiler: the optimizer of its C# face gives it numbers that nobody holds.
        using var unit = jit.compile("""
            def step(p: List[Tensor], g: List[Tensor], b: List[Tensor]) -> int:
                torch._fused_sgd_(p, g, b, weight_decay=5e-4, momentum=0.9, lr=0.1, dampening=0.0, nesterov=True, maximize=False,
                    is_first_step=False)
                return 0

            """);
        for (var step = 0; step < 10; step++)
        {
            foreach (var parameter in new[] { ours, theirs })
            {
                parameter.grad = null;
                (parameter * Rows.Random(4, 3, 100 + step)).Squared().sum().backward();
            }
            sgd.Step(0.1, ones([]));
#pragma warning disable RS0030 // tensors alone are passed
            using (no_grad()) unit.invoke("step", new Tensor[] { theirs }, new[] { theirs.grad! }, new[] { velocity });
#pragma warning restore RS0030
            Assert.True((ours - theirs).abs().max().Number() < 1e-6 * theirs.abs().max().Number());
        }
    }

    [Fact]
    public void A_rate_of_its_own_is_a_factor_of_the_learning_rate()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new(Rows.Random(4, 3, 1)), new(Rows.Random(4, 3, 1)), new(Rows.Random(4, 3, 1))];
        using var together = new Sgd([("a", parameters[0]), ("b", parameters[1])], 0.9, 5e-4, name => name == "b" ? 10 : 1);
        using var alone = new Sgd([("b", parameters[2])], 0.9, 5e-4);
        var start = parameters[0].detach().clone();
        for (var step = 0; step < 3; step++)
        {
            foreach (var parameter in parameters)
            {
                parameter.grad = null;
                parameter.Squared().sum().backward();
            }
            together.Step(0.01, ones([]));
            alone.Step(0.1, ones([]));
        }
        Assert.True((parameters[1] - parameters[2]).abs().max().Number() < 1e-6);
        Assert.True((parameters[0] - start).abs().max().Number() < 0.5 * (parameters[1] - start).abs().max().Number());
    }

    [Fact]
    public void Too_many_tasks_to_number_their_views_are_refused() => Assert.Equal(
        "times the epochs (100000) must not exceed 2147483647, so at most 21474",
        Assert.Single(new StageSettings { Epochs = 100_000, EpisodesPerEpoch = 21475 }.Validate()).Message);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_that_does_not_apply_changes_nothing(bool fused)
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(Rows.Random(4, 3, 1));
        using var sgd = new Sgd([("w", parameter)], 0.9, 5e-4);
        parameter.Squared().sum().backward();
        Step(ones([]));
        var (weight, velocity) = (parameter.detach().clone(), sgd.Velocities["w"].clone());
        Step(zeros([]));
        Assert.True(weight.equal(parameter).all().item<bool>());
        Assert.True(velocity.equal(sgd.Velocities["w"]).all().item<bool>());

        void Step(Tensor applies)
        {
            using var _ = no_grad();
            if (fused) sgd.StepTogether(0.1, applies);
            else sgd.Step(0.1, applies);
        }
    }

    [Fact]
    public void The_fused_update_is_the_loop()
    {
        using var scope = NewDisposeScope();
        // A network with gradients that lie otherwise than their weights, and a parameter that has a rate of its own or no gradient.
        Parameter[] Made() => [new(Rows.Random(4, 3, 1)), new(Rows.Random(5, 2, 2)), new(Rows.Random(2, 2, 3))];
        var (loop, fused) = (Made(), Made());
        Sgd Over(Parameter[] all) => new([("a", all[0]), ("b", all[1]), ("c", all[2])], 0.9, 5e-4, name => name == "b" ? 10 : 1);
        using var each = Over(loop);
        using var together = Over(fused);
        for (var step = 0; step < 10; step++)
        {
            foreach (var all in new[] { loop, fused })
            {
                foreach (var one in all) one.grad = null;
                (all[0].t() * Rows.Random(3, 4, 100 + step)).Squared().sum().backward();
                (all[1] * Rows.Random(5, 2, 200 + step)).Squared().sum().backward();
            }
            using var _ = no_grad();
            fused[0].grad = fused[0].grad!.t().contiguous().t();
            var applies = step == 4 ? zeros([]) : ones([]);
            each.StepEach(0.01, applies);
            together.StepTogether(0.01, applies);
        }
        foreach (var (one, other) in loop.Zip(fused))
            Assert.True((one - other).abs().max().Number() <= 1e-6 * one.abs().max().Number());
        foreach (var (name, velocity) in each.Velocities)
            Assert.True((velocity - together.Velocities[name]).abs().max().Number() <= 1e-6 * velocity.abs().max().Number());
    }

    [Fact]
    public void Learning_rates_follow_their_schedules()
    {
        double At(StageSettings settings, int epoch, int step = 0) =>
            settings.LearningRateAt(new TrainClock(epoch, step, 10, settings.Epochs));
        var cosine = new StageSettings { Epochs = 10, LearningRate = 0.1, FinalLearningRate = 0.02 };
        Assert.Equal(0.1, At(cosine, 0), 1e-12);
        Assert.Equal(0.06, At(cosine, 5), 1e-12);
        Assert.Equal(0.02 + 0.04 * (1 + Math.Cos(Math.PI * 0.73)), At(cosine, 7, 3), 1e-12);
        var steps = cosine with { Schedule = ScheduleKind.MultiStep, Milestones = [0.5, 0.9], Factor = 0.2 };
        Assert.Equal([0.1, 0.1, 0.02, 0.02, 0.004],
            new[] { (0, 0), (4, 9), (5, 0), (8, 9), (9, 0) }.Select(at => Math.Round(At(steps, at.Item1, at.Item2), 12)));
        var warm = cosine with { Schedule = ScheduleKind.Constant, WarmUp = 2 };
        Assert.True(At(warm, 0) is > 0 and < 0.01);
        Assert.Equal(0.1, At(warm, 2), 1e-12);
        Assert.True(Enumerable.Range(0, 19).All(i => At(warm, i / 10, i % 10) < At(warm, (i + 1) / 10, (i + 1) % 10)));
        var wrong = new StageSettings
        {
            Epochs = 0,
            LearningRate = 0,
            FinalLearningRate = 1,
            Milestones = [2],
            Factor = 0,
            WarmUp = -1,
            EpisodesPerEpoch = 0,
            ObjectiveRate = -1,
            Momentum = 1,
            WeightDecay = -1,
        };
        Assert.Equal(
            [
                "epochs", "learning-rate", "final-learning-rate", "milestones", "factor", "warm-up", "episodes-per-epoch",
                "objective-rate", "momentum", "weight-decay",
            ],
            wrong.Validate().Select(problem => problem.Path));
    }

    [Fact]
    public void Every_method_has_the_stages_of_its_row()
    {
        static string Weighted(LossSpec loss) =>
            (loss.Weight == 1 ? "" : FormattableString.Invariant($"{loss.Weight} ")) + loss.Name;
        var stages = Methods.Names.Select(name => Methods.Create(name, new LossOptions())).ToDictionary(
            method => method.Name,
            method => string.Join(" | ", method.Stages.Select(stage =>
                $"{stage.Name} {stage.Length}: {string.Join(" + ", stage.Losses.Select(Weighted))}")));
        Assert.Equal(new Dictionary<string, string>
        {
            ["1nn"] = "",
            ["ncm"] = "",
            ["lr"] = "",
            ["ft"] = "classifier Second: cross-entropy",
            ["student"] = "classifier Second: cross-entropy",
            ["student-long"] = "classifier Total: cross-entropy",
            ["kd"] = "classifier Second: 0.1 cross-entropy + 0.9 soft-targets",
            ["fitnet"] = "classifier Second: cross-entropy + 100 hint",
            ["at"] = "classifier Second: cross-entropy + 1000 attention-transfer",
            ["nst"] = "classifier Second: cross-entropy + 50 neuron-selectivity",
            ["vid"] = "classifier Second: cross-entropy + variational-information",
            ["kd+vid"] = "classifier Second: 0.1 cross-entropy + 0.9 soft-targets + variational-information",
            ["rkd"] = "classifier Second: cross-entropy + relational-knowledge",
            ["vanilla"] = "embedding First: 500 triplet-alignment | classifier Second: cross-entropy",
            ["lkd"] = "classifier Second: cross-entropy + local-classifier",
            ["refilled"] = "embedding First: 500 triplet-alignment | classifier Second: cross-entropy + local-classifier",
            ["refilled-tuples"] = "embedding First: 1000 tuple-alignment | classifier Second: cross-entropy + local-classifier",
            ["regress"] = "embedding First: 30 embedding-regression",
            ["regress+lkd"] = "embedding First: 30 embedding-regression | classifier Second: cross-entropy + local-classifier",
            ["protonet"] = "embedding Second: prototypes",
            ["feat"] = "embedding Second: set-to-set",
            ["maml"] = "embedding Second: maml",
        }, stages);
        Assert.Contains("Did you mean 'refilled'?",
            Assert.Throws<InputException>(() => Methods.Create("refiled", new LossOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_lacks_what_is_read_is_refused_with_what_it_can_serve()
    {
        var blind = new StoredTeacher(zeros(1, 2), Needs.Logits);
        var message = Assert.Throws<InputException>(() => MethodFit.CheckNeeds(Methods.Refilled(new LossOptions()), blind.Opened()))
            .Message;
        Assert.Contains("reads the teacher's Embedding", message, StringComparison.Ordinal);
        Assert.Contains("It can serve: kd.", message, StringComparison.Ordinal);
        var seeing = new StoredTeacher(zeros(1, 2)).Opened();
        MethodFit.CheckNeeds(Methods.Refilled(new LossOptions()), seeing);
        // What answers alone is no network to start from.
        Assert.Equal("The method 'ft' starts from the teacher's own network, and this teacher gives answers alone. "
            + "It can serve: rkd, vanilla, lkd, refilled, refilled-tuples, regress, regress+lkd.",
            Assert.Throws<InputException>(() => MethodFit.CheckNeeds(Methods.FineTuning(new LossOptions()), seeing)).Message);
    }

    [Fact]
    public void The_teacher_itself_is_the_start_of_four_methods()
    {
        var methods = Methods.Names.Select(name => Methods.Create(name, new LossOptions())).ToList();
        Assert.Equal(["1nn", "ncm", "lr", "ft"],
            methods.Where(method => method.Start == StudentStart.Teacher).Select(method => method.Name));
        Assert.Equal(["student", "student-long", "protonet", "feat", "maml"],
            methods.Where(method => !method.HasTeacher).Select(method => method.Name));
        Assert.Equal(["kd", "kd+vid"], methods.Where(method => method.ComparesLogits).Select(method => method.Name));
        Assert.Equal((Needs.Embedding, Needs.None),
            (Methods.Regression(new LossOptions()).TeacherNeeds, Methods.FineTuning(new LossOptions()).TeacherNeeds));
    }

    [Theory]
    [InlineData(Setting.CrossTask, "a b", "c d", null)]
    [InlineData(Setting.CrossTask, "a b", "b c", "share 1 (b). Choose other --classes")]
    [InlineData(Setting.CrossTask, "a b", "b a", "share 2 (b, a). For a teacher of the same classes use --setting standard")]
    [InlineData(Setting.Standard, "a b", "b a", null)]
    [InlineData(Setting.Standard, "a b", "c d", "they share 0")]
    [InlineData(Setting.Overlapping, "a b", "b c", null)]
    [InlineData(Setting.Overlapping, "a b", "c d", "they share none")]
    public void Classes_are_compared_by_name_never_by_rank(Setting setting, string teacher, string student, string? message)
    {
        void Check() => ClassRelation.Check(setting, teacher.Split(' '), student.Split(' '));
        if (message is null) Check();
        else Assert.Contains(message, Assert.Throws<InputException>(Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_folder_is_held_by_one_process_at_a_time()
    {
        using var folder = new TemporaryFolder();
        using (var run = RunFolder.Create(folder["run"]))
        {
            run.Begin("data: x\n", new { });
            Assert.Contains("in use by another process", Assert.Throws<InputException>(() => RunFolder.Open(folder["run"])).Message,
                StringComparison.Ordinal);
            Assert.Contains("in use by another process", Assert.Throws<InputException>(() => RunFolder.Create(folder["run"])).Message,
                StringComparison.Ordinal);
        }
        RunFolder.Open(folder["run"]).Dispose();
        Assert.Contains("--resume", Assert.Throws<InputException>(() => RunFolder.Create(folder["run"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_after_a_checkpoint_are_cut_off()
    {
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(folder["run"]);
        run.AppendMetrics(new { epoch = 0 });
        var length = run.MetricsLength;
        run.AppendMetrics(new { epoch = 1 });
        run.TruncateMetrics(length);
        Assert.Equal("{\"epoch\":0}\n", File.ReadAllText(run.MetricsFile));
    }

    [Fact]
    public void The_meter_keeps_means_right_over_unequal_counts_and_the_first_bad_step()
    {
        using var scope = NewDisposeScope();
        using var meter = new Meter();
        Assert.Null(meter.BadStep());
        meter.Add("x", tensor(6f), tensor(2f));
        meter.Add("x", tensor(0f), tensor(0f));
        meter.Add("x", tensor(1f), tensor(5f));
        meter.Add("none", tensor(0f), tensor(0f));
        Assert.Equal((1.0, 0.0), (meter.Means()["x"], meter.Means()["none"]));
        foreach (var (loss, step) in new[] { (1f, 0), (float.NaN, 1), (2f, 2), (float.PositiveInfinity, 3) })
            meter.Watch(tensor(loss), step);
        Assert.Equal(1, meter.BadStep());
        meter.Clear();
        Assert.Null(meter.BadStep());
    }
}
