namespace Refilled.FewShot;

/// <summary>Where an evaluation over tasks stands.</summary>
/// <param name="Learner">The learner's name.</param>
/// <param name="Done">Tasks that are done.</param>
/// <param name="Tasks">All of them.</param>
/// <param name="Mean">Mean accuracy of those that are done, in [0, 1].</param>
/// <param name="Remaining">Time left, by the speed so far.</param>
public sealed record FewShotProgress(string Learner, int Done, int Tasks, double Mean, TimeSpan Remaining);
