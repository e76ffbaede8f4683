using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>The losses of a stage together, bound to a student and a teacher.</summary>
/// <remarks>What is minimised is the sum of their weighted means.</remarks>
/// <param name="losses">The losses.</param>
/// <param name="shapes">Sizes that they are bound to.</param>
/// <param name="device">Where they compute.</param>
/// <param name="seed">Seed of the initial weights of what the loss at a place trains. Default 0 for all.</param>
internal sealed class Objectives(IReadOnlyList<LossSpec> losses, SignalShapes shapes, Device device, Func<int, long>? seed = null)
    : IDisposable
{
    /// <summary>Each of them.</summary>
    public IReadOnlyList<Objective> All { get; } =
        [.. losses.Select((loss, i) => (Objective)loss.Bind(shapes, seed?.Invoke(i) ?? 0).to(device))];

    /// <summary>Each by the name of its tensors in a checkpoint.</summary>
    public IEnumerable<(string Name, Objective Objective)> Named => All.Select((objective, i) => ($"objective-{i}", objective));

    /// <summary>What the student's pass must give.</summary>
    public Needs StudentNeeds { get; } = losses.Aggregate(Needs.None, (needs, loss) => needs | loss.StudentNeeds);

    /// <summary>What the teacher's pass must give; <see cref="Needs.None"/> where none reads a teacher.</summary>
    public Needs TeacherNeeds { get; } = losses.Aggregate(Needs.None, (needs, loss) => needs | loss.TeacherNeeds);

    /// <summary>Prepares those that read a teacher; see <see cref="Objective.Prepare"/>.</summary>
    public void Prepare(ITeacher? teacher, IBatchSource train, CancellationToken cancel = default)
    {
        foreach (var objective in All)
            if (objective.Spec.TeacherNeeds != Needs.None) objective.Prepare(teacher!, train, cancel);
    }

    /// <summary>What they read of the teacher.</summary>
    public Signals Ask(ITeacher? teacher, Batch batch) =>
        TeacherNeeds == Needs.None ? Signals.None : teacher!.Observe(batch, TeacherNeeds);

    /// <summary>The sum of the weighted means over a batch, and the number of items that all have found, scalars.</summary>
    /// <remarks>Without a single item (no semi-hard triplet in the batch) an update is to be left out, weight decay and all.</remarks>
    /// <param name="learned">What was read from the student's pass.</param>
    /// <param name="taught">What was read from the teacher's.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="clock">Where the stage stands.</param>
    /// <param name="each">Told the name, sum and count of each loss.</param>
    public (Tensor Total, Tensor Items) Compute(
        Signals learned, Signals taught, Batch batch, TrainClock clock, Action<string, Tensor, Tensor>? each = null)
    {
        using var scope = NewDisposeScope();
        var (total, items) = (zeros([], device: device), zeros([], device: device));
        foreach (var objective in All)
        {
            var term = objective.Compute(learned, taught, batch, clock);
            each?.Invoke(objective.Spec.Name, term.Sum, term.Count);
            total = total.Plus(term.Mean().Times(objective.Spec.WeightAt(clock)));
            items = items.Plus(term.Count);
        }
        return (total.MoveToOuterDisposeScope(), items.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var objective in All) objective.Dispose();
    }
}
