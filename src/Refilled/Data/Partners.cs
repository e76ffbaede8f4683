using System.Buffers;
using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>The images of a set, to be mixed into each other's views.</summary>
/// <remarks>In the order of their ids, each once, so that what a view is mixed with doesn't depend on the set's order. A partner is in its
/// view of the same number.</remarks>
internal sealed class Partners
{
    private readonly ImageStore store;
    private readonly Mixing mixing;
    private readonly (long Id, int Label)[] images;

    /// <param name="set">The set.</param>
    /// <param name="mixing">How.</param>
    public Partners(ImageSet set, Mixing mixing)
    {
        (store, this.mixing) = (set.Store, mixing);
        images = [.. set.SampleIds.Zip(set.Labels).DistinctBy(one => one.First).OrderBy(one => one.First)];
    }

    /// <summary>What a view is mixed with.</summary>
    /// <param name="view">Which, by its number before it is mixed.</param>
    public Mix Of(View view) => Of(mixing.Draw(view, images.Length, store.ViewShape));

    /// <summary>Mixes a view with its partner's.</summary>
    /// <param name="view">Which, by its number before it is mixed.</param>
    /// <param name="pixels">Its pixels, planar; they become the mixture.</param>
    public Mix MixInto(View view, Span<byte> pixels)
    {
        var blend = mixing.Draw(view, images.Length, store.ViewShape);
        var mix = Of(blend);
        if (mix.Share == 1) return mix;
        var partner = ArrayPool<byte>.Shared.Rent(store.ViewShape.Bytes);
        store.Draw(view with { SampleId = mix.Partner }, partner.AsSpan(0, store.ViewShape.Bytes));
        blend.Lay(pixels, partner, store.ViewShape);
        ArrayPool<byte>.Shared.Return(partner);
        return mix;
    }

    private Mix Of(Blend blend)
    {
        var (id, label) = images[blend.Partner];
        return new Mix(id, label, blend.Share(store.ViewShape));
    }
}

/// <summary>What a view is mixed with.</summary>
/// <param name="Partner">The other image's id.</param>
/// <param name="Label">Its label.</param>
/// <param name="Share">The part of the pixels that is still the view's own.</param>
internal readonly record struct Mix(long Partner, int Label, float Share);
