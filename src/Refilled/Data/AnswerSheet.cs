using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>A picture of test images, with a row of answers of each network below them.</summary>
/// <remarks>An answer is shown as an image of the class that it names; what is wrong is framed otherwise and has a cross.</remarks>
internal static class AnswerSheet
{
    /// <summary>Writes the picture as PNG, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="test">The images.</param>
    /// <param name="examples">Where an image of each class is taken from: the first one; with the same classes.</param>
    /// <param name="answers">Each network's name and the classes that it gives the images.</param>
    /// <param name="columns">Images that are shown, evenly chosen. Default 12.</param>
    /// <exception cref="InputException">The file can't be written.</exception>
    public static void Save(string path, ImageSet test, ImageSet examples,
        IReadOnlyList<(string Network, IReadOnlyList<int> Classes)> answers, int columns = 12)
    {
        var chosen = Evenly(test.Count, columns);
        var first = Enumerable.Range(0, examples.Count).GroupBy(i => examples.Labels[i]).ToDictionary(own => own.Key, own => own.First());
        using var sheet = new PictureSheet(test.Store.ViewShape, 1 + answers.Count, chosen.Count, gap: 10);
        sheet.Name(0, "test image");
        foreach (var (column, position) in chosen.Index())
            sheet.Draw(0, column, test, new View(0, test.SampleIds[position], View.Evaluation));
        foreach (var (row, (network, classes)) in answers.Index())
        {
            sheet.Name(1 + row, network);
            foreach (var (column, position) in chosen.Index())
            {
                var answer = classes[position];
                sheet.Draw(1 + row, column, examples, new View(0, examples.SampleIds[first[answer]], View.Evaluation));
                sheet.Frame(1 + row, column, answer == test.Labels[position]);
            }
        }
        sheet.Save(path);
    }

    /// <summary>Positions in the middles of as many equal parts.</summary>
    private static List<int> Evenly(int count, int parts) =>
        [.. Enumerable.Range(0, Math.Min(count, parts)).Select(part => (int)((2L * part + 1) * count / (2L * Math.Min(count, parts))))];
}
