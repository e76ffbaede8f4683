using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Tests.Support;

/// <summary>Counts what is asked of another teacher.</summary>
internal sealed class CountingTeacher(ITeacher teacher) : ITeacher
{
    /// <summary>The sizes of the batches that it saw.</summary>
    public List<int> Seen { get; } = [];

    public Needs Provides => teacher.Provides;

    public int EmbeddingSize => teacher.EmbeddingSize;

    public IReadOnlyList<string> ClassNames => teacher.ClassNames;

    public string Fingerprint => teacher.Fingerprint;

    public Signals Observe(Batch batch, Needs needs)
    {
        Seen.Add(batch.Size);
        return teacher.Observe(batch, needs);
    }

    public void Dispose() => teacher.Dispose();
}
