using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>What a network says of each image that it is measured on.</summary>
/// <param name="opened">The network; freed with this.</param>
/// <param name="data">The data, whole.</param>
/// <param name="examples">The training images that centres and neighbours are taken from; there may be none.</param>
/// <param name="measured">The images that it is measured on.</param>
/// <param name="seen">What it says of the former.</param>
/// <param name="tested">What it says of the latter.</param>
/// <param name="measures">How good that is.</param>
internal sealed class NetworkLook(Teacher opened, Dataset data, ImageSet examples, ImageSet measured, Readings seen, Readings tested,
    NetworkMeasures measures) : IDisposable
{
    private const int RoundsOfOthers = 10;

    private float[]? probabilities;

    /// <summary>The architecture's name.</summary>
    public string Name => opened.Name;

    /// <summary>The data, whole.</summary>
    public Dataset Data => data;

    /// <summary>Training images; there may be none.</summary>
    public ImageSet Examples => examples;

    /// <summary>The images that it is measured on.</summary>
    public ImageSet Measured => measured;

    /// <summary>What it says of <see cref="Examples"/>.</summary>
    public Readings Seen => seen;

    /// <summary>What it says of <see cref="Measured"/>.</summary>
    public Readings Tested => tested;

    /// <summary>How good that is.</summary>
    public NetworkMeasures Measures => measures;

    /// <summary>Of each measured image whether the answer is right, <c>[N]</c>.</summary>
    public IReadOnlyList<bool> Right => measures.Result.Right;

    /// <summary>Whether it has a classifier of these classes; else it is measured by class means, and has no probabilities.</summary>
    public bool Classifies => measures.Probabilities is not null;

    /// <summary>The probabilities of <see cref="Measured"/>, row after row, <c>[N, C]</c>; by the fitted temperature where there is
    /// one.</summary>
    /// <exception cref="InvalidOperationException">It has no classifier of these classes.</exception>
    public float[] Probabilities => probabilities ??= Temperature.Probabilities(Calibration.Rows(tested).Logits,
        measured.Classes, (measures.Probabilities ?? throw new InvalidOperationException("It has no classifier.")).Temperature ?? 1);

    /// <summary>Its weights' size in bytes: of a network of ours in fp32, of another its file's.</summary>
    public long Bytes => opened.IsNetwork ? opened.Trained.Network.parameters().Sum(one => one.numel()) * sizeof(float)
        : new FileInfo(opened.Place.File).Length;

    /// <summary>Median milliseconds of an image by itself, on this machine with the engine's threads as they are.</summary>
    public double Milliseconds()
    {
        if (opened.IsNetwork) return Latency.Of(opened.Trained.Network, measured.Store.ViewShape);
        var one = measured.At([0]);
        using var batch = BatchStream.Evaluation(one).Epoch(0).First();
        return Latency.Of(() =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            opened.Teach().Observe(batch, Needs.Embedding);
        }, RoundsOfOthers);
    }

    /// <summary>What it says of an image of the user's.</summary>
    /// <param name="view">uint8 <c>[3, H, W]</c>, as large as the measured ones.</param>
    /// <returns>A probability for each class, null without a classifier of them; and the embedding as a unit row.</returns>
    /// <exception cref="InputException">The measured images have other channels.</exception>
    public (float[]? Probabilities, double[] Row) See(byte[] view)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = Alone(view);
        var signals = opened.IsNetwork ? opened.Trained.Network.Observe(batch.Images, Needs.Embedding | Needs.Logits)
            : opened.Teach().Observe(batch, opened.Teach().Provides & (Needs.Embedding | Needs.Logits));
        var logits = Classifies ? signals.Logits.cpu().contiguous().data<float>().ToArray() : null;
        return (logits is null ? null : Temperature.Probabilities(logits, measured.Classes, measures.Probabilities!.Temperature ?? 1),
            Row(signals));
    }

    /// <summary>What another network's embedding of it is, as a unit row.</summary>
    /// <inheritdoc cref="See(byte[])"/>
    public double[] See(byte[] view, Teacher other)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = Alone(view);
        return Row(other.Teach().Observe(batch, Needs.Embedding));
    }

    private Batch Alone(byte[] view)
    {
        var shape = measured.Store.ViewShape;
        if (view.Length != shape.Bytes)
            throw new InputException($"The network's images have {shape.Channels} channels, and this one has 3.");
        return new Batch(tensor(view, [1, shape.Channels, shape.Height, shape.Width]), zeros([1], ScalarType.Int64));
    }

    private static double[] Row(Signals signals)
    {
        using var read = new Readings(signals.Embedding.cpu(), empty(0), empty(0));
        return read.UnitRows()[0];
    }

    /// <summary>What a measured image is called: its file, or its place in the data.</summary>
    public string NameOf(int position) => data.FileNames is { } files ? files[(int)measured.SampleIds[position]]
        : $"image {measured.SampleIds[position]}";

    /// <inheritdoc/>
    public void Dispose()
    {
        seen.Dispose();
        tested.Dispose();
        opened.Dispose();
    }
}
