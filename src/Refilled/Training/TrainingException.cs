namespace Refilled.Training;

/// <summary>Training failed after it had begun; the message says where, and which checkpoint is good.</summary>
public sealed class TrainingException : Exception
{
    /// <inheritdoc cref="TrainingException"/>
    public TrainingException(string message) : base(message) { }

    /// <inheritdoc cref="TrainingException"/>
    public TrainingException(string message, Exception inner) : base(message, inner) { }
}
