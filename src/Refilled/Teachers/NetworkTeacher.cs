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
        return network.Observe(batch.Images, needs);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => network.Dispose();

    private static string Hash(EmbeddingNetwork network)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (input, options) = (network.Input, network.Options);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{network.Architecture}|{input.Height}|{input.Width}|{string.Join(',', input.Mean)}|{string.Join(',', input.Std)}|{options.Precision}|{options.Layout}|{network.Device.type}\n")));
        foreach (var (name, tensor) in ModuleState.Of(network).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            foreach (var piece in Safetensors.Pieces(tensor.detach().cpu().contiguous())) hash.AppendData(piece.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
