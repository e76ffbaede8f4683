using Refilled.Losses.Features;

namespace Refilled.Losses;

/// <summary>The sizes that an objective is bound to.</summary>
/// <param name="Classes">Number of the student's classes, C.</param>
/// <param name="StudentEmbedding">Size of the student's embedding, d.</param>
/// <param name="TeacherEmbedding">Size of the teacher's embedding, d'; 0 without a teacher.</param>
public sealed record SignalShapes(int Classes, int StudentEmbedding, int TeacherEmbedding)
{
    /// <summary>The student's feature maps, stage by stage; empty where the method reads none.</summary>
    public IReadOnlyList<FeatureShape> StudentMaps { get; init; } = [];

    /// <summary>The teacher's feature maps, stage by stage; empty where the method reads none.</summary>
    public IReadOnlyList<FeatureShape> TeacherMaps { get; init; } = [];
}
