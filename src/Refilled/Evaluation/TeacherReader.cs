using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Asks a teacher about whole sets, as <see cref="NetworkReader"/> passes them through a network.</summary>
internal static class TeacherReader
{
    /// <summary>Reads the embedding of every image, and the logits where it gives some, in the set's order.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="set">The images; there may be none.</param>
    /// <param name="cancel">Stops between two batches.</param>
    /// <returns>The readings of the evaluation view, on the CPU; the caller disposes them.</returns>
    public static Readings Read(ITeacher teacher, ImageSet set, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var needs = teacher.Provides & (Needs.Embedding | Needs.Logits);
        var logits = needs.HasFlag(Needs.Logits);
        var signals = set.Count == 0
            ? new Signals(empty(0, teacher.EmbeddingSize), logits ? empty(0, teacher.ClassNames.Count) : null)
            : Signals.Join(BatchStream.Evaluation(set).Epoch(0).Read(batch => teacher.Observe(batch, needs), cancel));
        var labels = tensor(set.Labels.Select(label => (long)label).ToArray());
        return new Readings(signals.Embedding.cpu().DetachFromDisposeScope(),
            (logits ? signals.Logits.cpu() : empty(set.Count, 0)).DetachFromDisposeScope(), labels.DetachFromDisposeScope());
    }
}
