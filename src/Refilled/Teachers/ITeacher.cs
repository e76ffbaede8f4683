using Refilled.Data;
using Refilled.Networks;

namespace Refilled.Teachers;

/// <summary>Anything that gives signals for a batch, never with a gradient: a network, a file of another framework, or a
/// cache around one of them.</summary>
public interface ITeacher
{
    /// <summary>What the teacher can give.</summary>
    Needs Provides { get; }

    /// <summary>Size of the embedding, d'.</summary>
    int EmbeddingSize { get; }

    /// <summary>Names of the classes that it was trained on; empty where unknown.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>The signals for a batch, without a gradient.</summary>
    Signals Observe(Batch batch, Needs needs);
}
