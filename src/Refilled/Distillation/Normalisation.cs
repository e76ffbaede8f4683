namespace Refilled.Distillation;

/// <summary>How the teacher's embeddings or distances are brought to scale.</summary>
public enum Normalisation
{
    /// <summary>Not at all: the softmax is as sharp as the teacher's scale happens to make it.</summary>
    None,

    /// <summary>Embeddings are divided by their norm, before any mean.</summary>
    Unit,

    /// <summary>The batch's squared distances are rescaled to a given mean (ours).</summary>
    MeanSquare,
}
