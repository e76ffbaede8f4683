using Refilled.Data.Views;
using TorchSharp;

namespace Refilled.Data;

/// <summary>Some augmented images and what is known about them.</summary>
/// <remarks>A batch of a stream owns its tensors: dispose it after the step. One that was made of the caller's tensors leaves them alone.
/// </remarks>
public sealed class Batch : IDisposable
{
    /// <summary>The <see cref="SampleIds"/> of images that belong to no source.</summary>
    public const long NoSample = -1;

    private readonly bool owns;

    /// <summary>Makes a batch of the caller's tensors, which stay the caller's to dispose of.</summary>
    /// <param name="images">uint8 <c>[B, C, H, W]</c>: every network applies its own <c>InputSpec</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, in <c>0 … classes-1</c>.</param>
    /// <param name="sampleIds">Indices <c>[B]</c> into the full source. Default: <see cref="NoSample"/>.</param>
    /// <param name="views">The view number of each image <c>[B]</c>. Default: -1, the evaluation view.</param>
    /// <param name="partnerLabels">int64 <c>[B]</c>: see <see cref="PartnerLabels"/>. Default: nothing is mixed.</param>
    /// <param name="shares">float32 <c>[B]</c>: see <see cref="Shares"/>; given with them.</param>
    /// <exception cref="ArgumentException">Not all are of the same number of images, or only one of the last two is given.</exception>
    public Batch(torch.Tensor images, torch.Tensor labels, IReadOnlyList<long>? sampleIds = null, IReadOnlyList<int>? views = null,
        torch.Tensor? partnerLabels = null, torch.Tensor? shares = null)
        : this(images, labels, sampleIds ?? Each(images, NoSample), views ?? Each(images, View.Evaluation), partnerLabels, shares, null,
            false)
    {
        if (labels.shape[0] != images.shape[0] || SampleIds.Count != images.shape[0] || Views.Count != images.shape[0])
            throw new ArgumentException($"A batch of {images.shape[0]} images has {labels.shape[0]} labels, "
                + $"{SampleIds.Count} sample ids and {Views.Count} views.");
        if (partnerLabels?.shape[0] != shares?.shape[0] || (shares is not null && shares.shape[0] != images.shape[0]))
            throw new ArgumentException($"A mixed batch of {images.shape[0]} images has as many partners' labels and shares.");
    }

    private Batch(torch.Tensor images, torch.Tensor labels, IReadOnlyList<long> sampleIds, IReadOnlyList<int> views,
        torch.Tensor? partnerLabels, torch.Tensor? shares, IReadOnlyList<long>? partnerIds, bool owns)
    {
        (Images, Labels, SampleIds, Views, this.owns) = (images, labels, sampleIds, views, owns);
        (PartnerLabels, Shares, PartnerIds) = (partnerLabels, shares, partnerIds);
    }

    /// <summary>uint8 <c>[B, C, H, W]</c>.</summary>
    public torch.Tensor Images { get; }

    /// <summary>int64 <c>[B]</c>.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>Indices into the full source <c>[B]</c>, never into a subset.</summary>
    public IReadOnlyList<long> SampleIds { get; }

    /// <summary>View numbers <c>[B]</c>; -1 is the evaluation view, and -2 - n is view n, mixed.</summary>
    public IReadOnlyList<int> Views { get; }

    /// <summary>The labels of the images that each is mixed with, int64 <c>[B]</c>; null where nothing is mixed.</summary>
    public torch.Tensor? PartnerLabels { get; }

    /// <summary>The part of each image's pixels that is its own, float32 <c>[B]</c>; null where nothing is mixed.</summary>
    /// <remarks>It is the weight of the image's label; the rest is that of its partner's.</remarks>
    public torch.Tensor? Shares { get; }

    /// <summary>The ids of the images that each is mixed with <c>[B]</c>; null where that isn't known.</summary>
    internal IReadOnlyList<long>? PartnerIds { get; }

    /// <summary>Whether the labels mean anything. Default true.</summary>
    internal bool IsLabelled { get; init; } = true;

    /// <summary>Number of images, B.</summary>
    public int Size => SampleIds.Count;

    /// <summary>The class that most of each image is of, int64 <c>[B]</c>; its own where both have half.</summary>
    internal torch.Tensor MainLabels => Shares is null ? Labels : torch.where(Shares.From(1).AtMost(0.5), Labels, PartnerLabels!);

    /// <summary>Makes a batch that owns its tensors, and disposes of them with itself.</summary>
    internal static Batch Owning(torch.Tensor images, torch.Tensor labels, IReadOnlyList<long> sampleIds, IReadOnlyList<int> views,
        torch.Tensor? partnerLabels = null, torch.Tensor? shares = null, IReadOnlyList<long>? partnerIds = null, bool isLabelled = true) =>
        new(images, labels, sampleIds, views, partnerLabels, shares, partnerIds, true) { IsLabelled = isLabelled };

    /// <summary>Disposes of the tensors that the batch owns.</summary>
    public void Dispose()
    {
        if (!owns) return;
        Images.Dispose();
        Labels.Dispose();
        PartnerLabels?.Dispose();
        Shares?.Dispose();
    }

    private static T[] Each<T>(torch.Tensor images, T value)
    {
        var each = new T[images.shape[0]];
        Array.Fill(each, value);
        return each;
    }
}

/// <summary>The loop over batches that are read once.</summary>
internal static class Batches
{
    /// <summary>What is read from each batch, which is disposed of afterwards.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="cancel">Stops between two batches.</param>
    public static IEnumerable<T> Read<T>(this IEnumerable<Batch> batches, Func<Batch, T> read, CancellationToken cancel = default)
    {
        foreach (var batch in batches)
        {
            T found;
            using (batch)
            {
                cancel.ThrowIfCancellationRequested();
                found = read(batch);
            }
            yield return found;
        }
    }
}

/// <summary>Anything that yields the batches of an epoch in an order that depends on its seed and the epoch alone.</summary>
public interface IBatchSource
{
    /// <summary>Number of batches in an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>The batches of epoch <paramref name="epoch"/> from step <paramref name="fromStep"/> on, each to be disposed by the
    /// caller.</summary>
    /// <remarks>The same batches that a full pass over the epoch yields from there.</remarks>
    IEnumerable<Batch> Epoch(int epoch, int fromStep = 0);
}
