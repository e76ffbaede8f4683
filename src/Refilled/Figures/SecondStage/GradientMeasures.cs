using System.Text.Json.Serialization;

namespace Refilled.Figures.SecondStage;

/// <summary>What is measured of a run's gradients.</summary>
internal sealed record GradientMeasures : IMeasures
{
    /// <inheritdoc/>
    public required string Look { get; init; }

    /// <inheritdoc/>
    public string? Teacher { get; init; }

    /// <summary>The epochs after which the student is looked at.</summary>
    public required IReadOnlyList<int> Planned { get; init; }

    /// <summary>What was measured, moment by moment.</summary>
    public IReadOnlyList<GradientMoment> Moments { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Lacking => Planned.Except(Moments.Select(own => own.Epoch)).Select(epoch => $"epoch {epoch}").FirstOrDefault();
}

/// <summary>The gradients of a student after some epochs.</summary>
/// <param name="Epoch">The epochs.</param>
/// <param name="Points">A point for each number of classes and method.</param>
internal sealed record GradientMoment(int Epoch, IReadOnlyList<GradientPoint> Points);

/// <summary>How a method's gradient differs from that of cross-entropy.</summary>
/// <param name="Classes">The number of classes, C.</param>
/// <param name="Method">The method.</param>
/// <param name="Difference">‖g_method - g_CE‖ / ‖g_CE‖ of the embedding's parameters, mean over the batches.</param>
/// <param name="Deviation">Its standard deviation over the batches.</param>
/// <param name="CrossEntropy">‖g_CE‖, mean over the batches.</param>
/// <param name="Batches">How many batches there were.</param>
/// <param name="Images">Images in all of them.</param>
internal sealed record GradientPoint(
    int Classes, string Method, double Difference, double Deviation, double CrossEntropy, int Batches, int Images);
