using Refilled.Networks;
using Refilled.Weights;
using TorchSharp;

namespace Refilled.Figures;

/// <summary>Copies of students that are looked at in training mode, so that the students' own statistics stay as they are.</summary>
internal static class StudentCopy
{
    /// <summary>A copy in training mode, without dropout.</summary>
    /// <param name="student">The student.</param>
    /// <param name="precision">The copy's number format.</param>
    /// <returns>The caller disposes it.</returns>
    public static EmbeddingNetwork Of(EmbeddingNetwork student, Precision precision)
    {
        var copy = NetworkCatalog.Create(student.Architecture, student.Options with { Precision = precision, Dropout = 0 });
        copy.to(student.Device);
        ModuleState.Restore(ModuleState.Of(copy), ModuleState.Of(student), "The student");
        copy.train();
        return copy;
    }
}
