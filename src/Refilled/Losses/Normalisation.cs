namespace Refilled.Losses;

/// <summary>How the teacher's embeddings or distances are brought to scale.</summary>
public enum Normalisation
{
    /// <summary>Not at all: the softmax is as sharp as the teacher's scale happens to make it.</summary>
    None,

    /// <summary>Embeddings are divided by their norm, before any mean. Squared distances are at most 4 then, and the teacher's
    /// temperature should be small, such as 0.2.</summary>
    Unit,

    /// <summary>The batch's squared distances are rescaled to a given mean (ours). Not with global centres: they have unit length, and the
    /// embedding's own length would outweigh all differences.</summary>
    MeanSquare,
}
