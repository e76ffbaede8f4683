using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A network as a teacher: frozen, in evaluation mode, never with a gradient.</summary>
public sealed class NetworkTeacher : ITeacher
{
    /// <summary>Fewest images that the network is asked for at once.</summary>
    /// <remarks>The engine takes other kernels for fewer than twelve, whose sums differ in the last bit; an image's signals shall
    /// not depend on how many are in its batch.</remarks>
    private const int LeastImages = 16;

    private readonly EmbeddingNetwork network;
    private readonly Lazy<string> fingerprint;

    /// <inheritdoc cref="NetworkTeacher"/>
    /// <param name="network">The network; it is frozen, see <see cref="EmbeddingNetwork.Freeze"/>.</param>
    /// <param name="classNames">Names of the classes that it was trained on.</param>
    public NetworkTeacher(EmbeddingNetwork network, IReadOnlyList<string> classNames)
    {
        this.network = network;
        ClassNames = classNames;
        network.Freeze();
        fingerprint = new Lazy<string>(() => Hash(network));
    }

    /// <inheritdoc/>
    public Needs Provides => Needs.Embedding | Needs.Logits | Needs.FeatureMaps;

    /// <inheritdoc/>
    public int EmbeddingSize => network.EmbeddingSize;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Fingerprint => fingerprint.Value;

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs)
    {
        using var _ = no_grad();
        if (batch.Size >= LeastImages) return network.Observe(batch.Images, needs);
        using var scope = NewDisposeScope();
        return network.Observe(batch.Images.repeat((LeastImages + batch.Size - 1) / batch.Size, 1, 1, 1), needs)
            .Select(part => part.narrow(0, 0, batch.Size).MoveToOuterDisposeScope());
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => network.Dispose();

    private static string Hash(EmbeddingNetwork network)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (input, options) = (network.Input, network.Options);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{network.Architecture}|{input.Height}|{input.Width}|{string.Join(',', input.Mean)}|"
            + $"{string.Join(',', input.Std)}|{options.Precision}|{options.Layout}|{network.Device.type}\n")));
        foreach (var (name, tensor) in ModuleState.Of(network).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            foreach (var piece in Safetensors.Pieces(tensor.detach().cpu().contiguous())) hash.AppendData(piece.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
