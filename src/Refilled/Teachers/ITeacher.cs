using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Anything that gives signals for a batch, never with a gradient.</summary>
/// <remarks>A network, a file of another framework, or a cache around one of them.</remarks>
public interface ITeacher : IDisposable
{
    /// <summary>What the teacher can give.</summary>
    Needs Provides { get; }

    /// <summary>Size of the embedding, d'.</summary>
    int EmbeddingSize { get; }

    /// <summary>Names of the classes that it was trained on; empty where unknown.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>A hash (hex) of everything that decides its signals for given images.</summary>
    /// <remarks>Weights, architecture, input, precision, and the kind of device that it computes on.</remarks>
    string Fingerprint { get; }

    /// <summary>Whether it may be asked by several threads, and leaves the GPU to the student. Default: no.</summary>
    /// <remarks>Then it is asked about the next view while a student trains on a GPU.</remarks>
    bool AnswersBeside => false;

    /// <summary>The signals for a batch, without a gradient.</summary>
    Signals Observe(Batch batch, Needs needs);

    /// <summary>The same, for a teacher that may take long: one that can stops within the batch. Default: it isn't stopped.</summary>
    Signals Observe(Batch batch, Needs needs, CancellationToken cancel) => Observe(batch, needs);

    /// <summary>Makes ready what an epoch will ask for. Default: nothing; a cache fills the view.</summary>
    /// <param name="view">The view that the epoch uses; see <see cref="Data.Views.View"/>.</param>
    /// <param name="needs">What it will ask for.</param>
    /// <param name="progress">Told the images done and their total; may be null.</param>
    /// <param name="cancel">Stops it.</param>
    void Prepare(int view, Needs needs, Action<int, int>? progress = null, CancellationToken cancel = default) { }
}

/// <summary>Asks a teacher as a student is asked.</summary>
public static class TeacherExtensions
{
    /// <summary>The signals for uint8 images <c>[B, C, H, W]</c> of no known source, without a gradient.</summary>
    /// <remarks>As <see cref="EmbeddingNetwork.Observe"/> of a student. A cache knows images by their ids, which these have none of: it
    /// asks its teacher. A training run gives the whole <see cref="Batch"/>.</remarks>
    public static Signals Observe(this ITeacher teacher, Tensor images, Needs needs)
    {
        using var labels = zeros([images.shape[0]], ScalarType.Int64);
        using var batch = new Batch(images, labels);
        return teacher.Observe(batch, needs);
    }
}
