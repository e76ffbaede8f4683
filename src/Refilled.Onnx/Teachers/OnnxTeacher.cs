using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Onnx.Teachers;

/// <summary>A network in an ONNX file, asked for its embedding, and for logits where it is known what they mean.</summary>
internal sealed class OnnxTeacher : ITeacher
{
    private readonly ModelRunner runner;
    private readonly Device device;

    private OnnxTeacher(ModelRunner runner, ImageInput input, ModelOutputs outputs, IReadOnlyList<string> classNames, string hash,
        Device device)
    {
        (this.runner, this.device) = (runner, device);
        (Input, Outputs, ClassNames) = (input, outputs, classNames);
        // The runtime's version, too: another one may sum in another order.
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{hash}\n{outputs.Embedding}\n{outputs.Logits}\n{input}\n{string.Join('\n', classNames)}\n"
            + $"{OrtEnv.Instance().GetVersionString()} {device.type} {Refilled.Networks.Precision.Fp32}")));
    }

    /// <inheritdoc/>
    public Needs Provides => Outputs.Logits is null ? Needs.Embedding : Needs.Embedding | Needs.Logits;

    /// <inheritdoc/>
    public int EmbeddingSize { get; private init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>What it wants to see.</summary>
    public ImageInput Input { get; }

    /// <summary>The tensors that it gives.</summary>
    public ModelOutputs Outputs { get; }

    /// <summary>Whether it takes any number of images at once.</summary>
    public bool TakesAny => runner.TakesAny;

    /// <summary>Opens a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="input">What it wants to see.</param>
    /// <param name="outputs">The tensors that are wanted.</param>
    /// <param name="classNames">The name of each logit; empty where unknown.</param>
    /// <param name="device">Where its signals shall be.</param>
    /// <exception cref="InputException">ONNX Runtime can't run it, or names and logits are of different numbers.</exception>
    public static OnnxTeacher Open(OnnxFile file, ImageInput input, ModelOutputs outputs, IReadOnlyList<string> classNames, Device device)
    {
        // Without names nobody could say which of the student's classes a logit is.
        if (classNames.Count == 0) outputs = outputs with { Logits = null };
        string[] names = outputs.Logits is { } logits ? [outputs.Embedding, logits] : [outputs.Embedding];
        var runner = ModelRunner.Open(file, input, names);
        var trial = runner.Run(1, (_, _) => { });
        if (trial.Count > 1 && trial[1].Width != classNames.Count)
        {
            runner.Dispose();
            throw OnnxFault.Of(file.Path,
                $"its tensor '{outputs.Logits}' has {trial[1].Width} numbers, and {classNames.Count} classes are named");
        }
        return new OnnxTeacher(runner, input, outputs, classNames, file.Hash, device) { EmbeddingSize = trial[0].Width };
    }

    /// <inheritdoc/>
    public bool AnswersBeside => true;

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs) => Observe(batch, needs, CancellationToken.None);

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs, CancellationToken cancel)
    {
        if ((needs & ~Provides) != Needs.None)
            throw new InvalidOperationException($"The teacher gives {Provides}, and was asked for {needs}.");
        using var images = new ShownImages(Input, batch.Images);
        var outputs = runner.Run(batch.Size, images.Write, get_num_threads(), cancel);
        Tensor? Of(int place, Needs need) => !needs.HasFlag(need) ? null : Moved(outputs[place]);
        return new Signals(Of(0, Needs.Embedding), Of(1, Needs.Logits));
    }

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();

    private Tensor Moved(ModelOutput output)
    {
        using var scope = NewDisposeScope();
        return tensor(output.Rows(), [output.Images, output.Width]).to(device).MoveToOuterDisposeScope();
    }
}
