using System.Text.Json.Serialization;
using Refilled.Data;

namespace Refilled.Figures.FirstStage;

/// <summary>What is measured of a run's embedding.</summary>
internal sealed record ClusterMeasures : IMeasures
{
    /// <inheritdoc/>
    public required string Look { get; init; }

    /// <inheritdoc/>
    public string? Teacher { get; init; }

    /// <summary>The epochs after which the student is measured.</summary>
    public required IReadOnlyList<int> Planned { get; init; }

    /// <summary>What was measured between epochs, in their order.</summary>
    public IReadOnlyList<ClusterEpoch> Epochs { get; init; } = [];

    /// <summary>The same of the teacher, whose epoch is 0; null where it wasn't asked.</summary>
    public ClusterEpoch? OfTeacher { get; init; }

    /// <summary>The maps; null where this isn't the run that they are made of.</summary>
    public EmbeddingMaps? Maps { get; init; }

    /// <summary>A triplet and what becomes of it; null likewise, or where the first batch has none.</summary>
    public TripletStory? Triplet { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Lacking => Planned.Except(Epochs.Select(own => own.Epoch)).Select(epoch => $"epoch {epoch}").FirstOrDefault();
}

/// <summary>How well classes can be told in an embedding after some epochs.</summary>
/// <param name="Epoch">The epochs.</param>
/// <param name="HeldOut">Images of the student's classes that it isn't trained on.</param>
/// <param name="Unseen">Images of classes that it isn't trained on.</param>
internal sealed record ClusterEpoch(int Epoch, ClusterScore HeldOut, ClusterScore Unseen);

/// <summary>Two-dimensional maps of some images' embeddings.</summary>
/// <param name="Classes">The classes' names.</param>
/// <param name="Labels">The class of each image, <c>[N]</c>.</param>
/// <param name="Layouts">The maps.</param>
/// <param name="Images">Images that are shown: each one's number, and the PNG file.</param>
internal sealed record EmbeddingMaps(IReadOnlyList<string> Classes, IReadOnlyList<int> Labels, IReadOnlyList<MapLayout> Layouts,
    IReadOnlyList<MapImage> Images);

/// <summary>A map.</summary>
/// <param name="Of">Whose embedding: "before", "after" or "teacher".</param>
/// <param name="Kind">"pca" or "t-sne".</param>
/// <param name="X">Where each image is, <c>[N]</c>.</param>
/// <param name="Y">Where each image is, <c>[N]</c>.</param>
/// <param name="Quality">Of a PCA the part of the variance that is shown; of a t-SNE its divergence in nats.</param>
internal sealed record MapLayout(string Of, string Kind, IReadOnlyList<double> X, IReadOnlyList<double> Y, double Quality);

/// <summary>An image that is shown on a map.</summary>
/// <param name="Number">Which of the maps' images.</param>
/// <param name="Png">Its file.</param>
internal sealed record MapImage(int Number, byte[] Png)
{
    /// <summary>An image of a set in the evaluation view, as PNG.</summary>
    public static byte[] Draw(ImageSet set, int position)
    {
        var planes = new byte[set.Store.ViewShape.Bytes];
        set.Draw(new Data.Views.View(0, set.SampleIds[position], Data.Views.View.Evaluation), planes);
        return PictureSheet.Png(set.Store.ViewShape, planes);
    }
}

/// <summary>A triplet of the first batch, and how surely its anchor is nearer to its neighbour than to its impostor.</summary>
/// <param name="Images">Anchor, neighbour and impostor as the batch shows them, PNG files.</param>
/// <param name="Classes">Their classes' names.</param>
/// <param name="Places">Their places in the batch.</param>
/// <param name="Teacher">The teacher's probability.</param>
/// <param name="Before">The student's before it is trained.</param>
/// <param name="Temperature">τ, which differences of distances are divided by.</param>
/// <param name="Triplets">Semi-hard triplets of the batch, of which this is the one with the largest divergence.</param>
internal sealed record TripletStory(IReadOnlyList<byte[]> Images, IReadOnlyList<string> Classes, IReadOnlyList<int> Places,
    double Teacher, double Before, double Temperature, int Triplets)
{
    /// <summary>The student's when it is trained; null before.</summary>
    public double? After { get; init; }
}
