using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>What a network that doesn't change makes of views, each embedded once, whatever number of tasks has its
/// image.</summary>
/// <remarks>Kept in memory, 4·d' bytes for each view, for as long as the images are.</remarks>
/// <param name="teacher">Gives the embeddings; asked by several threads.</param>
/// <param name="viewSeed">Seed of the views.</param>
internal sealed class ViewEmbeddings(ITeacher teacher, long viewSeed)
{
    private readonly ConditionalWeakTable<ImageStore, ConcurrentDictionary<(long Id, int View), float[]>> known = [];

    /// <summary>Size of an embedding, d'.</summary>
    public int Size => teacher.EmbeddingSize;

    /// <summary>The embeddings of images in the evaluation view and, after it, view by view, in the first random ones.</summary>
    /// <param name="images">The images, n.</param>
    /// <param name="views">Random views of each.</param>
    /// <param name="cancel">Stops between some images and the next.</param>
    /// <returns>fp32 <c>[(1 + views)·n, d']</c>, on the CPU.</returns>
    public Tensor Of(FewShotImages images, int views, CancellationToken cancel = default)
    {
        var set = images.Source.Set;
        var rows = known.GetOrCreateValue(set.Store);
        var asked = Enumerable.Range(View.Evaluation, 1 + views)
            .SelectMany(view => images.Positions.Select(position => (Id: set.SampleIds[position], View: view))).ToArray();
        foreach (var missing in asked.Where(key => !rows.ContainsKey(key)).Distinct().Chunk(BatchStream.EvaluationSize))
        {
            cancel.ThrowIfCancellationRequested();
            Read(set.Store, missing, rows);
        }
        var flat = new float[asked.Length * Size];
        for (var i = 0; i < asked.Length; i++) rows[asked[i]].CopyTo(flat.AsSpan(i * Size, Size));
        return tensor(flat, [asked.Length, Size]);
    }

    private void Read(ImageStore store, (long Id, int View)[] views, ConcurrentDictionary<(long Id, int View), float[]> rows)
    {
        using var scope = NewDisposeScope();
        using var batch = Batch.Owning(store.Draw([.. views.Select(view => new View(viewSeed, view.Id, view.View))]),
            zeros([views.Length], ScalarType.Int64), [.. views.Select(view => view.Id)], [.. views.Select(view => view.View)]);
        var found = MemoryMarshal.Cast<byte, float>(
            teacher.Observe(batch, Needs.Embedding).Embedding.to(ScalarType.Float32).cpu().contiguous().bytes);
        for (var i = 0; i < views.Length; i++) rows[views[i]] = found.Slice(i * Size, Size).ToArray();
    }
}
