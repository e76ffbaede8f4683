namespace Refilled.Experiments.FewShot;

/// <summary>How a learner that trains on each task does after a number of steps.</summary>
/// <param name="Steps">Steps, of the last stage.</param>
/// <param name="Mean">Mean accuracy over the tasks, in percent.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval.</param>
public sealed record StepAccuracy(int Steps, double Mean, double HalfWidth);
