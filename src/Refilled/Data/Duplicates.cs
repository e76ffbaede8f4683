using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>Pictures that stand twice where they shouldn't: in two classes, or in two parts of the data.</summary>
/// <param name="Exact">Those with the same pixels.</param>
/// <param name="Near">Those that look the same, such as a picture that was packed or resized anew.</param>
internal sealed record Duplicates(Repeats Exact, Repeats Near)
{
    // As many as bits may differ, and one more: so pictures that look alike agree in one of them.
    private const int Bands = PictureSketch.MostBits + 1, BandBits = 64 / Bands, Values = 1 << BandBits;

    /// <summary>Looks at every picture, on all cores.</summary>
    /// <param name="data">The pictures.</param>
    /// <param name="cancel">Stops it between two pictures.</param>
    public static Duplicates Find(Dataset data, CancellationToken cancel)
    {
        var places = data.Parts.SelectMany(part => Enumerable.Range(0, part.Set.Count).Select(at => new Place(part.Part, part.Set, at)))
            .ToArray();
        var pictures = new Picture[places.Length];
        var resampler = new Resampler();
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, places.Length, options, i => pictures[i] = Picture.Of(places[i], resampler));
        var exact = Exactly(pictures);
        var near = Nearly(pictures, exact, options);
        (string, long) Told(int i) => (data.FileNames?[(int)places[i].Id] ?? places[i].ToString(), places[i].Id);
        Repeats Named(Twins[] twins) => new(
            Repeat.Of(twins.Select(one => one.OfClass), Told), Repeat.Of(twins.Select(one => one.OfPart), Told));
        return new Duplicates(Named(exact), Named(near));
    }

    private static Twins[] Exactly(Picture[] pictures)
    {
        var found = new Twins[pictures.Length];
        var same = new Dictionary<UInt128, List<int>>();
        for (var i = 0; i < pictures.Length; i++)
        {
            found[i] = Twins.None;
            if (!same.TryGetValue(pictures[i].Pixels, out var earlier)) same[pictures[i].Pixels] = earlier = [];
            foreach (var one in earlier) found[i].Take(one, pictures[one], pictures[i]);
            // One of each class and part is enough, so that a thousand equal pictures cost no million of looks.
            if (!earlier.Exists(one => (pictures[one].Label, pictures[one].Part) == (pictures[i].Label, pictures[i].Part))) earlier.Add(i);
        }
        return found;
    }

    private static Twins[] Nearly(Picture[] pictures, Twins[] exact, ParallelOptions options)
    {
        var buckets = new List<(ulong Bits, int Picture)>[Bands * Values];
        for (var i = 0; i < buckets.Length; i++) buckets[i] = [];
        for (var i = 0; i < pictures.Length; i++)
            foreach (var bucket in BucketsOf(pictures[i])) buckets[bucket].Add((pictures[i].Sketch.Bits, i));
        var found = new Twins[pictures.Length];
        Parallel.For(0, pictures.Length, options, i =>
        {
            var (twins, bits) = (Twins.None, pictures[i].Sketch.Bits);
            foreach (var bucket in BucketsOf(pictures[i]))
                foreach (var (others, one) in buckets[bucket])
                {
                    if (one >= i) break;
                    // Nearly all end here, so that the pictures themselves are seldom looked at.
                    if (BitOperations.PopCount(bits ^ others) > PictureSketch.MostBits) continue;
                    if (twins.Lacks(pictures[one], pictures[i]) && pictures[one].Pixels != pictures[i].Pixels
                        && pictures[one].Sketch.Correlation(pictures[i].Sketch) >= PictureSketch.LeastCorrelation)
                        twins.Take(one, pictures[one], pictures[i]);
                }
            found[i] = twins.Without(exact[i]);
        });
        return found;
    }

    /// <summary>A bucket for each band of a picture's bits; none for a plain picture, as all plain pictures look alike.</summary>
    private static IEnumerable<int> BucketsOf(Picture picture)
    {
        if (picture.Sketch.IsPlain) yield break;
        for (var band = 0; band < Bands; band++)
            yield return band * Values + (int)(picture.Sketch.Bits >> (BandBits * band) & (Values - 1));
    }

    private readonly record struct Place(Part Part, ImageSet Set, int At)
    {
        public long Id => Set.SampleIds[At];

        public int Label => Set.Labels[At];

        public override string ToString() => $"{Part.ToString().ToLowerInvariant()} image {Id} ({Set.ClassNames[Label]})";
    }

    /// <summary>The first earlier pictures that are like one; -1 where there is none.</summary>
    /// <param name="OfClass">One of another class.</param>
    /// <param name="OfPart">One of another part.</param>
    private record struct Twins(int OfClass, int OfPart)
    {
        public static Twins None { get; } = new(-1, -1);

        /// <summary>Whether an earlier picture would tell anything new of one.</summary>
        public readonly bool Lacks(Picture earlier, Picture one) =>
            (OfClass < 0 && earlier.Label != one.Label) || (OfPart < 0 && earlier.Part != one.Part);

        public void Take(int index, Picture earlier, Picture one)
        {
            if (OfClass < 0 && earlier.Label != one.Label) OfClass = index;
            if (OfPart < 0 && earlier.Part != one.Part) OfPart = index;
        }

        /// <summary>What isn't known of others already.</summary>
        public readonly Twins Without(Twins others) => new(others.OfClass < 0 ? OfClass : -1, others.OfPart < 0 ? OfPart : -1);
    }

    /// <summary>What pictures are compared by.</summary>
    private readonly record struct Picture(int Label, Part Part, UInt128 Pixels, PictureSketch Sketch)
    {
        public static Picture Of(Place place, Resampler resampler)
        {
            var store = place.Set.Store;
            var shape = store.ShapeOf(place.Id);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData([.. BitConverter.GetBytes(shape.Channels), .. BitConverter.GetBytes(shape.Width)]);
            store.AppendTo(hash, place.Id);
            var view = ArrayPool<byte>.Shared.Rent(store.ViewShape.Bytes);
            store.Draw(new View(0, place.Id, View.Evaluation), view);
            var sketch = new PictureSketch(view, store.ViewShape, resampler);
            ArrayPool<byte>.Shared.Return(view);
            return new Picture(place.Label, place.Part, BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset()), sketch);
        }
    }
}

/// <summary>Pictures that repeat an earlier one, the training images first.</summary>
/// <param name="InTwoClasses">Those that repeat one of another class.</param>
/// <param name="InTwoParts">Those that repeat one of another part.</param>
internal sealed record Repeats(IReadOnlyList<Repeat> InTwoClasses, IReadOnlyList<Repeat> InTwoParts);

/// <summary>A picture that stands twice.</summary>
/// <param name="First">The first one's name.</param>
/// <param name="Again">The other one's.</param>
internal sealed record Repeat(string First, string Again)
{
    /// <summary>The first one's id in the store.</summary>
    [JsonIgnore]
    public long FirstId { get; init; }

    /// <summary>The other one's.</summary>
    [JsonIgnore]
    public long AgainId { get; init; }

    /// <summary>Names say which pictures are meant.</summary>
    public bool Equals(Repeat? other) => other is not null && (First, Again) == (other.First, other.Again);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(First, Again);

    /// <param name="earlier">For each picture the one that it repeats, or -1.</param>
    /// <param name="told">What a picture is called, and its id.</param>
    public static IReadOnlyList<Repeat> Of(IEnumerable<int> earlier, Func<int, (string Name, long Id)> told) =>
        [.. from pair in earlier.Index()
            where pair.Item >= 0
            let first = told(pair.Item)
            let again = told(pair.Index)
            select new Repeat(first.Name, again.Name) { FirstId = first.Id, AgainId = again.Id }];
}
