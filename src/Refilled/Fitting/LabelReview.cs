using Refilled.Files;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Fitting;

/// <summary>Images that somebody should look at, as <c>review.csv</c> holds them, the most doubtful first.</summary>
/// <remarks>A label is doubted where another class is at least as probable as that class is, on average, for its own images, and more
/// probable than the label: confident learning (Northcutt et al., JAIR 2021). Images without labels are worth one where the two likeliest
/// classes are nearly alike (margin sampling: Scheffer et al., 2001).</remarks>
internal static class LabelReview
{
    /// <summary>Name of the list in a fit's folder.</summary>
    public const string FileName = "review.csv";

    private const string FileColumn = "file", LabelColumn = "label", SeemsColumn = "seems", SureColumn = "probability",
        CorrectColumn = "correct";

    /// <summary>Most rows of each kind.</summary>
    private const int Most = 200;

    /// <summary>The labels that are probably wrong, the surest first.</summary>
    /// <param name="probabilities">By somebody who wasn't trained on the image, <c>[N, C]</c>, row after row.</param>
    /// <param name="labels">The class of each image, <c>[N]</c>.</param>
    public static IReadOnlyList<Doubt> Doubtful(float[] probabilities, IReadOnlyList<int> labels)
    {
        if (labels.Count == 0) return [];
        var classes = probabilities.Length / labels.Count;
        var usual = labels.Index().GroupBy(one => one.Item)
            .ToDictionary(own => own.Key, own => own.Average(one => (double)probabilities[one.Index * classes + one.Item]));
        var found = new List<(Doubt Doubt, double Margin)>();
        foreach (var (i, label) in labels.Index())
        {
            var row = probabilities.AsSpan(i * classes, classes);
            var seems = label;
            for (var c = 0; c < classes; c++)
                if (usual.TryGetValue(c, out var own) && row[c] >= own && row[c] > row[seems]) seems = c;
            if (seems != label) found.Add((new Doubt(i, seems, row[seems]), row[seems] - row[label]));
        }
        return [.. found.OrderByDescending(one => one.Margin).Select(one => one.Doubt).Take(Most)];
    }

    /// <summary>The images between two classes, the hardest to tell first.</summary>
    /// <param name="probabilities"><c>[N, C]</c>, row after row.</param>
    /// <param name="classes">C, at least two.</param>
    public static IReadOnlyList<Doubt> Unsure(float[] probabilities, int classes)
    {
        var found = new List<(Doubt Doubt, double Margin)>();
        for (var i = 0; i < probabilities.Length / classes; i++)
        {
            var row = probabilities.AsSpan(i * classes, classes);
            var (best, second) = row[1] > row[0] ? (1, 0) : (0, 1);
            for (var c = 2; c < classes; c++)
                if (row[c] > row[best]) (best, second) = (c, best);
                else if (row[c] > row[second]) second = c;
            found.Add((new Doubt(i, best, row[best]), row[best] - row[second]));
        }
        return [.. found.OrderBy(one => one.Margin).Select(one => one.Doubt).Take(Most)];
    }

    /// <summary>Writes the list; its last column is left to the reader.</summary>
    public static void Write(string path, IEnumerable<ReviewRow> rows) => RunFolder.WriteText(path, string.Concat(rows
        .Select(row => CsvText.Line(row.File, row.Label, row.Seems, Invariant($"{row.Probability:0.000}"), ""))
        .Prepend(string.Join(',', FileColumn, LabelColumn, SeemsColumn, SureColumn, CorrectColumn)).Select(line => line + "\n")));

    /// <summary>What somebody wrote into the last column, by file.</summary>
    /// <exception cref="InputException">It is no such list, or corrects nothing.</exception>
    public static IReadOnlyList<Correction> Read(string path)
    {
        var content = Disk.Try(() => File.ReadAllBytes(path),
            e => new InputException($"The review '{path}' can't be read: {e.Message}"));
        var rows = DelimitedText.Read(content, path);
        var names = rows.Count == 0 ? [] : rows[0].Values.ToList();
        int Column(string name) => names.IndexOf(name) is >= 0 and var at ? at : throw new InputException(
            $"'{path}' has no column '{name}', so that it is no review. A fit writes one as {FileName}.");
        var (file, label, correct) = (Column(FileColumn), Column(LabelColumn), Column(CorrectColumn));
        string Value(TextRow row, int column) => column < row.Values.Count ? row.Values[column] : "";
        var written = rows.Skip(1).Where(row => Value(row, correct).Length > 0)
            .Select(row => new Correction(Value(row, file), Value(row, label).Length == 0, Value(row, correct), $"{path}:{row.Line}"))
            .ToList();
        return written.Count > 0 ? written : throw new InputException($"'{path}' corrects nothing: write the right class of an image into "
            + $"the column '{CorrectColumn}', or '{Correction.None}' to leave it out.");
    }
}

/// <summary>An image that somebody should look at.</summary>
/// <param name="Image">Its position.</param>
/// <param name="Seems">The class that it seems to be.</param>
/// <param name="Probability">Of that class.</param>
internal sealed record Doubt(int Image, int Seems, double Probability);

/// <summary>A line of a review.</summary>
/// <param name="File">The image.</param>
/// <param name="Label">Its class; empty where it has none.</param>
/// <param name="Seems">The class that it seems to be.</param>
/// <param name="Probability">Of that class.</param>
internal sealed record ReviewRow(string File, string Label, string Seems, double Probability);

/// <summary>What somebody says of an image.</summary>
/// <param name="File">The image.</param>
/// <param name="IsNew">Whether it had no label.</param>
/// <param name="Label">Its class, or <see cref="None"/>.</param>
/// <param name="Where">The line, for messages.</param>
internal sealed record Correction(string File, bool IsNew, string Label, string Where)
{
    /// <summary>The word for an image that is to be left out.</summary>
    public const string None = "none";
}
