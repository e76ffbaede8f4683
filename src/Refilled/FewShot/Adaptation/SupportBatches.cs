using Refilled.Data;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.FewShot.Adaptation;

/// <summary>A task's support as training batches: every image in the evaluation view and in a few random ones, drawn
/// once.</summary>
/// <remarks>A pass shows each image once, in as many steps of about equal size as the limit asks for. As a source of batches it is
/// the evaluation view, in the support's order.</remarks>
internal sealed class SupportBatches : IBatchSource, IDisposable
{
    private readonly Tensor images, labels; // uint8 [(1 + views)·n, C, H, W], view by view, the evaluation view first; int64 [n]
    private readonly long[] ids;
    private readonly int[][] classes;
    private readonly int views;
    private readonly long seed;

    /// <param name="support">The images.</param>
    /// <param name="views">Random views of each; 0 trains on the evaluation view.</param>
    /// <param name="viewSeed">Seed of the views.</param>
    /// <param name="seed">Decides the order of the images in a pass.</param>
    /// <param name="device">Where the batches shall be.</param>
    public SupportBatches(FewShotImages support, int views, long viewSeed, long seed, Device device)
    {
        (this.views, this.seed) = (views, seed);
        ids = [.. support.Positions.Select(position => support.Source.Set.SampleIds[position])];
        classes = [.. Enumerable.Range(0, support.Count).GroupBy(i => support.Labels[i]).OrderBy(own => own.Key)
            .Select(own => own.ToArray())];
        using var scope = NewDisposeScope();
        images = cat([.. Enumerable.Range(View.Evaluation, 1 + views).Select(view => support.Images(viewSeed, view))], 0).to(device)
            .DetachFromDisposeScope();
        labels = support.LabelTensor().to(device).DetachFromDisposeScope();
    }

    /// <summary>Images of the support, n.</summary>
    public int Count => ids.Length;

    /// <summary>Their labels, int64 <c>[n]</c>.</summary>
    public Tensor Labels => labels;

    /// <inheritdoc/>
    public int StepsPerEpoch => 1;

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        if (fromStep == 0) yield return Of([.. Enumerable.Range(0, Count)], [View.Evaluation]);
    }

    /// <summary>Steps in which every image is shown once.</summary>
    /// <param name="limit">Most rows in a step.</param>
    /// <param name="perImage">Views of each image in a step, a row each.</param>
    /// <remarks>Of an odd number of images, pairs would leave one alone, over which batch norm has no variance: three share its step.
    /// </remarks>
    public int StepsPerPass(int limit, int perImage)
    {
        var share = Math.Max(1, limit / perImage);
        return share == 2 && perImage == 1 ? Math.Max(1, Count / 2) : (Count + share - 1) / share;
    }

    /// <summary>The batch of a step, a function of the seeds and the step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="limit">Most rows in a step.</param>
    /// <param name="perImage">Views of each image, which follow each other from pass to pass.</param>
    public Batch At(int step, int limit, int perImage)
    {
        var steps = StepsPerPass(limit, perImage);
        var (pass, part) = (step / steps, step % steps);
        var order = steps == 1 ? [.. Enumerable.Range(0, Count)] : Order(pass);
        var (from, to) = ((int)((long)Count * part / steps), (int)((long)Count * (part + 1) / steps));
        return Of(order[from..to],
            [.. Enumerable.Range(0, perImage).Select(i => views == 0 ? View.Evaluation : (int)(((long)pass * perImage + i) % views))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        images.Dispose();
        labels.Dispose();
    }

    /// <summary>A pass's order, in which every part has its share of each class.</summary>
    /// <remarks>The images of each class in an order of their own, one of each class after the other.</remarks>
    private int[] Order(int pass)
    {
        int[] Places(int count, int c) => SeedMix.Permutation(count, SeedMix.Mix(seed, SeedStream.Order, c), SeedStream.Order, pass);
        var own = classes.Select((members, c) => Places(members.Length, c).Select(i => members[i]).ToArray()).ToList();
        return [.. Enumerable.Range(0, own.Max(members => members.Length))
            .SelectMany(i => own.Where(members => i < members.Length).Select(members => members[i]))];
    }

    private Batch Of(int[] positions, int[] numbers)
    {
        using var scope = NewDisposeScope();
        var rows = numbers.SelectMany(number => positions.Select(i => (long)(number - View.Evaluation) * Count + i)).ToArray();
        var own = numbers.SelectMany(_ => positions).ToArray();
        return Batch.Owning(images.index_select(0, tensor(rows, device: images.device)).MoveToOuterDisposeScope(),
            labels.index_select(0, tensor(own.Select(i => (long)i).ToArray(), device: images.device)).MoveToOuterDisposeScope(),
            [.. own.Select(i => ids[i])], [.. numbers.SelectMany(number => positions.Select(_ => number))]);
    }
}
