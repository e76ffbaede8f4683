namespace Refilled.Evaluation;

/// <summary>Anything that gives classes probabilities.</summary>
internal interface IClassify
{
    /// <summary>The name of each class, <c>[C]</c>.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Height and width of the images that it wants, in pixels.</summary>
    int Size { get; }

    /// <summary>Whether probabilities were fitted to mean what they say.</summary>
    bool IsCalibrated { get; }

    /// <summary>When to answer "none of these"; null where that was never measured.</summary>
    UnknownAnswers? Unknown { get; }

    /// <summary>Probabilities, row after row, <c>[N, C]</c>.</summary>
    /// <param name="pixels">uint8 <c>[N, 3, Size, Size]</c>.</param>
    /// <param name="count">N.</param>
    float[] Probabilities(byte[] pixels, int count);
}

/// <summary>Names images that nobody has labelled: files, and what lies in folders and archives.</summary>
internal sealed class Predictor(IClassify network)
{
    /// <summary>Classifies all images of a place, in the evaluation view.</summary>
    /// <param name="place">An image, a folder, a .zip or a .tar.gz.</param>
    /// <param name="most">Classes that are named for each, the likeliest first.</param>
    /// <param name="cancel">Stops between two images.</param>
    /// <returns>An answer for each image, in the order of the names.</returns>
    /// <exception cref="InputException">The place is missing or can't be read, or holds no images.</exception>
    public IReadOnlyList<Prediction> Classify(string place, int most, CancellationToken cancel)
    {
        var answers = new Dictionary<int, IReadOnlyList<(string, double)>>();
        var classes = network.ClassNames.Count;
        var seen = UnlabelledImages.Read(place, network.Size, (images, pixels) =>
        {
            var rows = network.Probabilities(pixels, images.Count);
            foreach (var (row, image) in images.Index())
                answers[image] = [.. Enumerable.Range(0, classes).OrderByDescending(c => rows[row * classes + c])
                    .Take(most).Select(c => (network.ClassNames[c], (double)rows[row * classes + c]))];
        }, cancel);
        return [.. seen.Select((image, i) => new Prediction(image.Name, answers.GetValueOrDefault(i, []), image.Bad))];
    }
}

/// <summary>What an image seems to be.</summary>
/// <param name="Image">Its name: a path, or the name within the folder or archive.</param>
/// <param name="Classes">The likeliest classes and their probabilities; none of a bad image.</param>
/// <param name="Bad">Why it can't be used; null where it can.</param>
internal sealed record Prediction(string Image, IReadOnlyList<(string Name, double Probability)> Classes, string? Bad);
