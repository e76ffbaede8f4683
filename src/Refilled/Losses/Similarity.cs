namespace Refilled.Losses;

/// <summary>How the teacher's embedding is compared with a class centre.</summary>
public enum Similarity
{
    /// <summary>Minus the squared Euclidean distance (the poster).</summary>
    SquaredDistance,

    /// <summary>The inner product (the authors' later code).</summary>
    InnerProduct,
}
