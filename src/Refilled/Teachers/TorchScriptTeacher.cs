using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A TorchScript program as a teacher.</summary>
/// <remarks>A tensor that it gives is the embedding, and where the settings name as many classes as it has numbers, the logits as well;
/// a tuple is the embedding and the logits. Maps <c>[B, c, h, w]</c> are averaged over their pixels.</remarks>
internal sealed class TorchScriptTeacher : ITeacher
{
    private readonly jit.ScriptModule module;
    private readonly InputSpec input;
    private readonly Device device;
    private readonly bool reversed;

    /// <param name="module">The program; it is freed with the teacher.</param>
    /// <param name="hash">Hash of its file.</param>
    /// <param name="settings">What lies beside it.</param>
    /// <param name="input">What it wants to see, red, green, blue.</param>
    /// <param name="device">Where it is.</param>
    /// <exception cref="InputException">It gives something else than embeddings.</exception>
    public TorchScriptTeacher(jit.ScriptModule module, string hash, TeacherSettings settings, InputSpec input, Device device)
    {
        (this.module, this.input, this.device, reversed) = (module, input, device, settings.Channels == ChannelOrder.Bgr);
        module.eval();
        Fingerprint = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"torchscript {hash} {settings.Text} {device.type}")));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // Two images, so that a program that answers for the batch as a whole is found.
        var (embedding, logits) = Answer(zeros([2, 3, input.Height, input.Width], ScalarType.Byte));
        EmbeddingSize = (int)embedding.shape[1];
        ClassNames = settings.Classes ?? [];
        if (logits is not null && settings.Classes is not null && logits.shape[1] != ClassNames.Count)
            throw new InputException(
                $"'{settings.File}' names {ClassNames.Count} classes, but the program gives {logits.shape[1]} logits.");
        if (logits is null && ClassNames.Count > 0 && ClassNames.Count != EmbeddingSize)
            throw new InputException($"'{settings.File}' names {ClassNames.Count} classes, but the program gives one tensor of "
                + $"{EmbeddingSize} numbers an image, which can be no logits of them.");
        Provides = ClassNames.Count > 0 ? Needs.Embedding | Needs.Logits : Needs.Embedding;
    }

    /// <inheritdoc/>
    public Needs Provides { get; }

    /// <inheritdoc/>
    public int EmbeddingSize { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (embedding, logits) = Answer(batch.Images);
        return new Signals(
            needs.HasFlag(Needs.Embedding) ? embedding.MoveToOuterDisposeScope() : null,
            needs.HasFlag(Needs.Logits) ? (logits ?? embedding).MoveToOuterDisposeScope() : null);
    }

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();

    private (Tensor Embedding, Tensor? Logits) Answer(Tensor images)
    {
        var seen = input.Apply(images, device, Layout.Nchw);
        if (reversed) seen = seen.flip(1);
        var tensors = module.Answers(seen) switch
        {
            Tensor one => new[] { one },
            ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i]).OfType<Tensor>()],
            Tensor[] list => list,
            object[] list => [.. list.OfType<Tensor>()],
            _ => [],
        };
        if (tensors.Length is not (1 or 2))
            throw new InvalidOperationException("it gives neither a tensor nor a tuple of an embedding and logits");
        var rows = Array.ConvertAll(tensors, tensor => Rows(tensor, images.shape[0]));
        return (rows[0], rows.Length > 1 ? rows[1] : null);
    }

    private static Tensor Rows(Tensor given, long images)
    {
        var rows = given.dim() == 4 ? given.to(ScalarType.Float32).mean([2, 3]) : given.to(ScalarType.Float32);
        return rows.dim() == 2 && rows.shape[0] == images && rows.shape[1] > 0 ? rows
            : throw new InvalidOperationException(
                $"of {images} images it gives a tensor [{string.Join(", ", given.shape)}], which is no row of numbers for each");
    }
}
