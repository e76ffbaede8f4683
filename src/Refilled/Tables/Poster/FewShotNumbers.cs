namespace Refilled.Tables.Poster;

/// <summary>What others have measured of few-shot learners: REFILLED's poster (Ye, Lu, Zhan, CVPR 2020), and published
/// figures.</summary>
/// <remarks>5-way, accuracy in percent, by the rows' names and shots. The poster doesn't name its data; its numbers fit
/// mini-ImageNet with a ConvNet-4 student, REFILLED¹ with a ResNet as its teacher and REFILLED² with a ConvNet.</remarks>
internal static class FewShotNumbers
{
    private static readonly int[] Shots = [1, 5, 10, 30];

    private static readonly Dictionary<string, double[]> Rows = new()
    {
        ["1nn"] = [49.73, 63.11, 66.56, 69.80], ["svm"] = [51.61, 69.17, 74.24, 77.87], ["fine-tune"] = [45.89, 68.61, 74.95, 78.62],
        ["maml"] = [48.70, 63.11], ["protonet"] = [51.79, 70.38, 74.42, 78.10], ["feat"] = [55.15, 71.61, 74.86, 78.84],
        ["refilled-resnet"] = [54.82, 71.97, 76.42, 80.33], ["refilled-convnet"] = [53.44, 70.60, 75.37, 78.94],
    };

    private static readonly Dictionary<string, Figures[]> Published = new()
    {
        ["cifar-fs"] =
        [
            new("protonet", "convnet-4", [55.5, 72.0]),
            new("maml", "convnet-4", [58.9, 71.5]),
            new("protonet", "resnet-12", [72.2, 83.5]),
        ],
    };

    /// <summary>The data that there are published figures of.</summary>
    public static IReadOnlyCollection<string> Sets => Published.Keys;

    /// <summary>The poster's number for a row, or null.</summary>
    public static double? Poster(string row, int shot) => Rows.TryGetValue(row, out var numbers) ? At(numbers, shot) : null;

    /// <summary>The published figures of some data.</summary>
    public static IReadOnlyList<Figures> Of(string set) => Published[set];

    /// <summary>A figure at some shots, or null.</summary>
    public static double? At(IReadOnlyList<double> numbers, int shot) =>
        Array.IndexOf(Shots, shot) is >= 0 and var place && place < numbers.Count ? numbers[place] : null;

    /// <param name="Learner">The learner.</param>
    /// <param name="Network">Its network.</param>
    /// <param name="Numbers">At 1 shot, 5 …</param>
    internal sealed record Figures(string Learner, string Network, IReadOnlyList<double> Numbers);
}
