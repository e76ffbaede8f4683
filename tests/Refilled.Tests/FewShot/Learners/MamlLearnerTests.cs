using Refilled.FewShot;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Learners;

public class MamlLearnerTests
{
    private static Linear Head(int way = 3)
    {
        var head = nn.Linear(64, way);
        using var _ = no_grad();
        using var generator = new Generator(8);
        head.weight!.copy_(randn([way, 64], generator: generator).Over(8));
        return head;
    }

    private static MamlLearner Make(EmbeddingNetwork network, Linear head, int steps = 2) =>
        new(network, head) { Steps = steps, LearningRate = 0.1 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_answer_is_a_function_of_the_task_and_nothing_is_left_behind(int shot)
    {
        Processor.MustTrainSideBySide();
        using var tasks = new SmallTasks(shot, size: 16);
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var head = Head();
        var before = ModuleState.Copy(ModuleState.Of(network));
        tasks.AgreeInAnyOrder(() => Make(network, head));
        tasks.LeaveNothing(Make(network, head));
        Assert.All(ModuleState.Of(network), pair => Assert.True(pair.Value.equal(before[pair.Key]).all().item<bool>(), pair.Key));
        Assert.All(network.parameters().Concat(head.parameters()), parameter => Assert.Null(parameter.grad));
        // A network that a file or a teacher gave is frozen.
        var answer = Make(network, head).Solve(tasks[0]);
        network.Freeze();
        using (no_grad()) Assert.Equal(answer, Make(network, head).Solve(tasks[0]));
    }

    [Fact]
    public void Steps_are_those_of_plain_gradient_descent_in_training_mode()
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks(size: 16);
        using var network = SmallTasks.Network("convnet-4", size: 16);
        var head = Head();
        var answers = Make(network, head).SolveAt(tasks[1], [0, 1, 3]);
        Assert.Equal([0, 1, 3], answers.Keys);

        var (support, queries, labels) = (tasks[1].Support.Images(), tasks[1].Query.Images(), tasks[1].Support.LabelTensor());
        network.train();
        using var optimizer = new PlainSgd([.. network.named_parameters().Where(pair => !network.IsOfClassifier(pair.name))
            .Select(pair => pair.parameter), .. head.parameters()], 0.1, 0, 0);
        Tensor Logits(Tensor images) => head.call(network.Observe(images, Needs.Embedding).Embedding);
        for (var step = 0; step <= 3; step++)
        {
            if (answers.TryGetValue(step, out var found)) Assert.Equal(Logits(queries).argmax(1).data<long>().Select(c => (int)c), found);
            optimizer.ZeroGrad();
            nn.functional.cross_entropy(Logits(support), labels).backward();
            optimizer.Step();
        }
    }

    [Fact]
    public void The_objective_makes_it_with_its_options()
    {
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var objective = new MamlLoss { Episode = new() { Way = 3 }, TestSteps = 7,
            InnerLearningRate = 0.3 }.Bind(new SignalShapes(4, 64, 0));
        var learner = Assert.IsType<MamlLearner>(((ILearnerObjective)objective).Learner(network));
        Assert.Equal(("maml", 7, 0.3), (learner.Name, learner.Steps, learner.LearningRate));
    }

    [Fact]
    public void Tasks_of_another_number_of_classes_are_refused()
    {
        using var tasks = new SmallTasks(size: 16);
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var head = Head(5);
        Assert.Contains("use --way 5", Assert.Throws<InputException>(() => Make(network, head).Solve(tasks[0])).Message,
            StringComparison.Ordinal);
    }
}
