using Refilled.Evaluation;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Fitting;

/// <summary>What a candidate says of images that it wasn't trained on.</summary>
/// <param name="Logits">Row after row, <c>[N, C]</c>.</param>
/// <param name="Labels">The class of each image, <c>[N]</c>.</param>
/// <param name="Ids">The images, <c>[N]</c>.</param>
internal sealed record HeldOutAnswers(float[] Logits, int[] Labels, long[] Ids)
{
    private const string LogitsKey = "logits", LabelsKey = "labels", IdsKey = "ids";

    /// <summary>Number of classes.</summary>
    public int Classes => Labels.Length == 0 ? 0 : Logits.Length / Labels.Length;

    /// <summary>Of each image whether the likeliest class is its own.</summary>
    public IReadOnlyList<bool> Right => [.. Labels.Select((label, i) => Likeliest(i) == label)];

    /// <summary>The class of the largest logit of an image; the lowest of several.</summary>
    public int Likeliest(int image)
    {
        var row = Logits.AsSpan(image * Classes, Classes);
        var best = 0;
        for (var c = 1; c < row.Length; c++)
            if (row[c] > row[best]) best = c;
        return best;
    }

    /// <summary>Those of several parts together.</summary>
    public static HeldOutAnswers Join(IReadOnlyList<HeldOutAnswers> parts) => new([.. parts.SelectMany(part => part.Logits)],
        [.. parts.SelectMany(part => part.Labels)], [.. parts.SelectMany(part => part.Ids)]);

    /// <summary>Takes them from what was read of the images.</summary>
    public static HeldOutAnswers Of(Readings read, IReadOnlyList<long> ids)
    {
        var (logits, labels) = Calibration.Rows(read);
        return new HeldOutAnswers(logits, labels, [.. ids]);
    }

    /// <summary>Those of an image that was held out several times become one.</summary>
    /// <returns>Probabilities <c>[N, C]</c>, row after row, and the images, with the temperature that suits these very answers.</returns>
    public (float[] Probabilities, int[] Labels, long[] Ids) Merged()
    {
        var all = Evaluation.Temperature.Probabilities(Logits, Classes, Evaluation.Temperature.Fit(Logits, Labels));
        var images = Ids.Index().GroupBy(one => one.Item, one => one.Index).ToList();
        var merged = images.SelectMany(own => Enumerable.Range(0, Classes).Select(c => own.Average(i => all[i * Classes + c])));
        return ([.. merged], [.. images.Select(own => Labels[own.First()])], [.. images.Select(own => own.Key)]);
    }

    /// <summary>As what calibration reads; the caller disposes it.</summary>
    public Readings Readings() => new(empty(Labels.Length, 0), tensor(Logits, [Labels.Length, Classes]),
        tensor(Labels.Select(label => (long)label).ToArray()));

    /// <summary>Writes them to a file, atomically.</summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(path,
        [
            new(LogitsKey, tensor(Logits, [Labels.Length, Classes])),
            new(LabelsKey, tensor(Labels.Select(label => (long)label).ToArray())), new(IdsKey, tensor(Ids)),
        ]);
    }

    /// <summary>Reads what was saved.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static HeldOutAnswers Load(string path)
    {
        using var file = Safetensors.Read(path);
        return new HeldOutAnswers(file.Tensors[LogitsKey].data<float>().ToArray(),
            [.. file.Tensors[LabelsKey].data<long>().Select(label => (int)label)], file.Tensors[IdsKey].data<long>().ToArray());
    }
}
