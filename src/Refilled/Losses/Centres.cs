namespace Refilled.Losses;

/// <summary>Which class centres the local classifier compares with.</summary>
public enum Centres
{
    /// <summary>Means over the batch (the poster).</summary>
    Batch,

    /// <summary>Means over the batch without the sample itself, for its own class (ours): else a class with one member in
    /// the batch is its own centre, and the teacher degenerates to the label.</summary>
    LeaveOneOut,

    /// <summary>Unit-normalised means over the training set in the evaluation view (the authors' later code).</summary>
    Global,
}
