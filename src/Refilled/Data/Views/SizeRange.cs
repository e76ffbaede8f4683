namespace Refilled.Data.Views;

/// <summary>The sizes of some images, in pixels.</summary>
/// <param name="LeastHeight">Of the lowest.</param>
/// <param name="LeastWidth">Of the narrowest.</param>
/// <param name="MostHeight">Of the highest.</param>
/// <param name="MostWidth">Of the widest.</param>
public sealed record SizeRange(int LeastHeight, int LeastWidth, int MostHeight, int MostWidth)
{
    /// <summary>The range of some shapes; null where there are none.</summary>
    internal static SizeRange? Of(IEnumerable<ImageShape> shapes) =>
        shapes.Aggregate((SizeRange?)null, (range, shape) => range is null
            ? new SizeRange(shape.Height, shape.Width, shape.Height, shape.Width)
            : new SizeRange(Math.Min(range.LeastHeight, shape.Height), Math.Min(range.LeastWidth, shape.Width),
                Math.Max(range.MostHeight, shape.Height), Math.Max(range.MostWidth, shape.Width)));
}
