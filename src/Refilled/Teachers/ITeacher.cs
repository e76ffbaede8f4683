using Refilled.Data;
using Refilled.Networks;

namespace Refilled.Teachers;

/// <summary>Anything that gives signals for a batch, never with a gradient: a network, a file of another framework, or a
/// cache around one of them.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>What the teacher can give.</summary>
    Needs Provides { get; }

    /// <summary>Size of the embedding, d'.</summary>
    int EmbeddingSize { get; }

    /// <summary>Names of the classes that it was trained on; empty where unknown.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>A hash (hex) of everything that decides its signals for given images: weights, architecture, input, precision,
    /// and the kind of device that it computes on.</summary>
    string Fingerprint { get; }

    /// <summary>The signals for a batch, without a gradient.</summary>
    Signals Observe(Batch batch, Needs needs);

    /// <summary>Makes ready what an epoch will ask for. Default: nothing; a cache fills the view.</summary>
    /// <param name="view">The view that the epoch uses; see <see cref="Data.Views.View"/>.</param>
    /// <param name="needs">What it will ask for.</param>
    /// <param name="progress">Told the images done and their total; may be null.</param>
    /// <param name="cancel">Stops it.</param>
    void Prepare(int view, Needs needs, Action<int, int>? progress = null, CancellationToken cancel = default) { }
}
