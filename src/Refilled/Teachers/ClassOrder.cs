using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Brings a teacher's logits into the order of a student's classes, by name.</summary>
/// <remarks>Two sets of classes of the same size may have other orders, and compared by rank they would teach nonsense.</remarks>
public static class ClassOrder
{
    /// <summary>A teacher whose logits stand in the order of some classes: the teacher itself where they do already.</summary>
    /// <exception cref="InputException">The teacher doesn't say what its logits mean, or its classes aren't these; the message
    /// names one.</exception>
    public static ITeacher Match(ITeacher teacher, IReadOnlyList<string> classNames)
    {
        var known = teacher.ClassNames;
        if (known.Count == 0) throw new InputException("the teacher doesn't say which classes its logits stand for");
        foreach (var names in new[] { known, classNames })
            if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new InputException($"two classes are called '{twice.Key}', so that logits can't be told apart by name");
        if (classNames.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new InputException($"the teacher doesn't know the class '{unknown}'");
        if (known.Except(classNames, StringComparer.Ordinal).FirstOrDefault() is { } other)
            throw new InputException($"the teacher knows the class '{other}', which the student isn't taught");
        if (known.SequenceEqual(classNames, StringComparer.Ordinal)) return teacher;
        var rank = known.Index().ToDictionary(pair => pair.Item, pair => (long)pair.Index, StringComparer.Ordinal);
        return new Reordered(teacher, classNames, [.. classNames.Select(name => rank[name])]);
    }

    private sealed class Reordered(ITeacher teacher, IReadOnlyList<string> classNames, long[] order) : ITeacher
    {
        public Needs Provides => teacher.Provides;

        public int EmbeddingSize => teacher.EmbeddingSize;

        public IReadOnlyList<string> ClassNames => classNames;

        public string Fingerprint => $"{teacher.Fingerprint} {string.Join(',', order)}";

        public bool AnswersBeside => teacher.AnswersBeside;

        public void Prepare(int view, Needs needs, Action<int, int>? progress, CancellationToken cancel) =>
            teacher.Prepare(view, needs, progress, cancel);

        public void Dispose() => teacher.Dispose();

        public Signals Observe(Batch batch, Needs needs)
        {
            var signals = teacher.Observe(batch, needs);
            if (!needs.HasFlag(Needs.Logits)) return signals;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var logits = signals.Logits.index_select(1, tensor(order, device: signals.Logits.device)).MoveToOuterDisposeScope();
            return new Signals(
                needs.HasFlag(Needs.Embedding) ? signals.Embedding : null,
                logits,
                needs.HasFlag(Needs.FeatureMaps) ? signals.FeatureMaps : null);
        }
    }
}
