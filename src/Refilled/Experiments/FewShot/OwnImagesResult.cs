using Refilled.FewShot;

namespace Refilled.Experiments.FewShot;

/// <summary>What a few-shot learner made of the user's own images.</summary>
/// <remarks>Accuracies are in percent; they are null where there was nothing to classify.</remarks>
internal sealed record OwnImagesResult
{
    /// <summary>The learner's name.</summary>
    public required string Learner { get; init; }

    /// <summary>The backbone's architecture.</summary>
    public required string Backbone { get; init; }

    /// <summary>The teacher's architecture; null where the learner reads none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Labelled images.</summary>
    public required int Support { get; init; }

    /// <summary>Images that were classified.</summary>
    public required int Query { get; init; }

    /// <summary>The part of them that is right.</summary>
    public double? Accuracy { get; init; }

    /// <summary>The same for each class.</summary>
    public required IReadOnlyList<ClassAccuracy> Classes { get; init; }

    /// <summary>How long it took, in seconds, loading excluded.</summary>
    public required double Seconds { get; init; }

    /// <summary>The file that the student was written to; null where none was.</summary>
    public string? Student { get; init; }
}
