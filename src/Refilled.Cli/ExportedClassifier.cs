using System.Text.Json;
using Refilled.Deploy;
using Refilled.Evaluation;
using Refilled.Training;

namespace Refilled.Cli;

/// <summary>An exported network as what gives classes probabilities.</summary>
internal sealed class ExportedClassifier : IClassify, IDisposable
{
    private readonly ImageClassifier classifier;

    private ExportedClassifier(ImageClassifier classifier) => this.classifier = classifier;

    public IReadOnlyList<string> ClassNames => classifier.ClassNames;

    public int Size => classifier.Size;

    public bool IsCalibrated => classifier.Temperature is not null;

    public UnknownAnswers? Unknown => classifier.Unknown is { } json
        ? JsonSerializer.Deserialize<UnknownAnswers>(json, RunFolder.Json) : null;

    /// <summary>Opens an exported file.</summary>
    /// <exception cref="InputException">It is missing, damaged, or no export of ours.</exception>
    public static ExportedClassifier Load(string path) => new(Open(path));

    /// <inheritdoc cref="Load"/>
    public static ImageClassifier Open(string path, ClassifierOptions? options = null)
    {
        try
        {
            return ImageClassifier.Load(path, options);
        }
        catch (DeployException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    public float[] Probabilities(byte[] pixels, int count) =>
        [.. classifier.ClassifyViews(pixels, count).SelectMany(answer => answer.Probabilities)];

    public void Dispose() => classifier.Dispose();
}
