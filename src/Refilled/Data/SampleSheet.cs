using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>A picture of a set: a row for each class, its name and some of its images.</summary>
internal static class SampleSheet
{
    /// <summary>Writes the picture as PNG, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="set">The images, shown in the evaluation view.</param>
    /// <param name="classes">Rows at most: the first classes. Default 20.</param>
    /// <param name="perClass">Images in a row, the first of each class, their views counted. Default 12.</param>
    /// <param name="views">Training views that are shown behind each image. Default none.</param>
    /// <exception cref="InputException">The file can't be written.</exception>
    public static void Save(string path, ImageSet set, int classes = 20, int perClass = 12, int views = 0)
    {
        using var sheet = Draw(set, classes, perClass, views);
        sheet.Save(path);
    }

    /// <summary>The picture of a set's evaluation views, as a PNG file.</summary>
    public static byte[] Png(ImageSet set)
    {
        using var sheet = Draw(set, 20, 12, 0);
        return sheet.Png();
    }

    private static PictureSheet Draw(ImageSet set, int classes, int perClass, int views)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        var rows = Math.Min(classes, set.Classes);
        var positions = Enumerable.Range(0, set.Count).ToLookup(i => set.Labels[i]);
        var own = Math.Max(1, perClass / (1 + views));
        var columns = (1 + views) * Math.Max(1, Enumerable.Range(0, rows).Max(c => Math.Min(own, positions[c].Count())));

        var sheet = new PictureSheet(set.Store.ViewShape, rows, columns);
        for (var row = 0; row < rows; row++)
        {
            sheet.Name(row, set.ClassNames[row]);
            var shown = from position in positions[row].Take(own)
                from number in Enumerable.Range(View.Evaluation, 1 + views)
                let mixes = set.Mixing is not null && number != View.Evaluation
                select new View(0, set.SampleIds[position], mixes ? View.MixedOf(number) : number);
            foreach (var (column, view) in shown.Index()) sheet.Draw(row, column, set, view);
        }
        return sheet;
    }
}
