namespace Refilled.Data.Views;

/// <summary>One augmented version of an image, by name: everything random about it is a function of these three.</summary>
/// <param name="Seed">The view seed, apart from the run's.</param>
/// <param name="SampleId">The image, as an index into the full source.</param>
/// <param name="Number">Which version; <see cref="Evaluation"/> is the image as it is.</param>
public readonly record struct View(long Seed, long SampleId, int Number)
{
    /// <summary>The number of the view that changes nothing.</summary>
    public const int Evaluation = -1;
}
