using System.Runtime.InteropServices;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.Data;

/// <summary>A batch that is still to be drawn.</summary>
/// <param name="Size">Number of its images.</param>
/// <param name="View">The number of their view.</param>
/// <param name="Choose">Chooses them, as positions in the set, and their labels; asked by the worker.</param>
internal sealed record BatchPlan(int Size, int View, Func<IEnumerable<(int Position, int Label)>> Choose)
{
    /// <summary>The planned batches, drawn ahead of their reader.</summary>
    /// <param name="plans">Asked for on the reader's thread.</param>
    /// <param name="set">The images.</param>
    /// <param name="viewSeed">Seed of the views.</param>
    /// <param name="prefetch">Batches that are drawn ahead of the one in use.</param>
    public static IEnumerable<Batch> Draw(IEnumerable<BatchPlan> plans, ImageSet set, long viewSeed, int prefetch) =>
        Ahead.Of(plans.Select(plan => new Blank(plan, set)), blank => blank.Fill(viewSeed), prefetch).Select(blank => blank.Batch);

    /// <summary>Throws where so many images are more than a tensor's memory can be seen as one span.</summary>
    /// <param name="set">The images.</param>
    /// <param name="images">How many.</param>
    /// <param name="what">What they make, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are.</exception>
    public static void CheckSize(ImageSet set, int images, string what)
    {
        if ((long)images * set.Store.ViewShape.Bytes > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(images), images,
                $"A {what} of images with {set.Store.ViewShape.Bytes} bytes each must not exceed {Array.MaxLength} bytes.");
    }

    /// <summary>A batch whose images and labels are still to be written.</summary>
    private sealed class Blank : IDisposable
    {
        private readonly BatchPlan plan;
        private readonly ImageSet set;
        private readonly long[] ids, partners = [];

        public Blank(BatchPlan plan, ImageSet set)
        {
            (this.plan, this.set, ids) = (plan, set, new long[plan.Size]);
            var (shape, views) = (set.Store.ViewShape, new int[plan.Size]);
            Array.Fill(views, plan.View);
            Tensor OfEach(ScalarType type) => empty([plan.Size], type, device: CPU).DetachFromDisposeScope();
            var mixes = new View(0, 0, plan.View).IsMixed;
            Batch = Batch.Owning(
                empty([plan.Size, shape.Channels, shape.Height, shape.Width], ScalarType.Byte, device: CPU).DetachFromDisposeScope(),
                OfEach(ScalarType.Int64), ids, views, mixes ? OfEach(ScalarType.Int64) : null, mixes ? OfEach(ScalarType.Float32) : null,
                mixes ? partners = new long[plan.Size] : null, set.IsLabelled);
        }

        public Batch Batch { get; }

        /// <summary>Draws the views straight into the tensor's memory, which nobody else has seen yet.</summary>
        public void Fill(long viewSeed)
        {
            var bytes = set.Store.ViewShape.Bytes;
            var pixels = Batch.Images.bytes;
            var labels = MemoryMarshal.Cast<byte, long>(Batch.Labels.bytes);
            var others = Batch.PartnerLabels is { } given ? MemoryMarshal.Cast<byte, long>(given.bytes) : [];
            var shares = Batch.Shares is { } own ? MemoryMarshal.Cast<byte, float>(own.bytes) : [];
            var i = 0;
            foreach (var (position, label) in plan.Choose())
            {
                (labels[i], ids[i]) = (label, set.SampleIds[position]);
                if (set.Draw(new View(viewSeed, ids[i], plan.View), pixels.Slice(i * bytes, bytes)) is { } mix)
                    (partners[i], others[i], shares[i]) = (mix.Partner, mix.Label, mix.Share);
                i++;
            }
        }

        public void Dispose() => Batch.Dispose();
    }
}
