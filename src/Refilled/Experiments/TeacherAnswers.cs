using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>Looks at what a teacher says of some training images, before anything is trained on it.</summary>
internal static class TeacherAnswers
{
    /// <summary>Images that are looked at.</summary>
    private const int Looked = 16;

    /// <summary>Checks that answers are finite, and that embeddings of different images differ.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="method">What is read of it.</param>
    /// <param name="path">What the user calls it.</param>
    /// <param name="train">The training images.</param>
    /// <param name="kept">Number format in which embeddings will be kept. Default fp32.</param>
    /// <exception cref="InputException">They aren't, or don't, or can't be kept so.</exception>
    public static void Check(ITeacher teacher, Method method, string path, ImageSet train, CachePrecision kept = CachePrecision.Fp32)
    {
        var needs = method.TeacherNeeds & (Needs.Embedding | Needs.Logits);
        if (needs == Needs.None || train.Count == 0) return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var some = train.At([.. Enumerable.Range(0, Math.Min(Looked, train.Count))
            .Select(i => i * train.Count / Math.Min(Looked, train.Count))]);
        using var batch = BatchStream.Evaluation(some).Epoch(0).First();
        var signals = teacher.Observe(batch, needs);
        var answers = new Dictionary<string, Tensor>();
        if (needs.HasFlag(Needs.Embedding)) answers["embedding"] = signals.Embedding;
        if (needs.HasFlag(Needs.Logits)) answers["logits"] = signals.Logits;
        if (Finite.FirstBad(answers) is { } bad)
            throw new InputException($"The teacher '{path}' answers training images with numbers ({bad}) that are NaN or infinite. "
                + "Its weights may be damaged, or it is given images otherwise than it was trained on them; or its number format is "
                + "too narrow: try --precision fp32.");
        if (needs.HasFlag(Needs.Embedding) && kept == CachePrecision.Fp16)
        {
            var embeddings = signals.Embedding.to(ScalarType.Float32).cpu().contiguous();
            if (HalfPrecisionRange.Misfit(embeddings, embeddings.to(ScalarType.Float16)) is var (_, why))
                throw new InputException($"An embedding of the teacher '{path}' {why}: keep its answers in fp32 "
                    + "(teacher-cache-precision).");
        }
        if (!needs.HasFlag(Needs.Embedding) || AreAlike(batch.Images.reshape(batch.Size, -1).to(ScalarType.Float32), 0)) return;
        if (AreAlike(signals.Embedding, 1e-6))
            throw new InputException($"The teacher '{path}' gives {batch.Size} different training images the same embedding, "
                + "so that nothing can be learnt from it. Name another tensor of it, or see that it gets its images as it was trained on "
                + "them (size, normalisation, order of channels).");
    }

    /// <summary>Whether all rows are the same, to a part of the largest number.</summary>
    private static bool AreAlike(Tensor rows, double tolerance) =>
        (rows.amax([0]) - rows.amin([0])).max().Number() <= tolerance * rows.abs().max().Number();
}
