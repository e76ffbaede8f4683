namespace Refilled.FewShot.Adaptation;

/// <summary>What the weights of a task's classifier are before its first step.</summary>
public enum ClassifierStart
{
    /// <summary>Drawn as the engine draws a linear layer, from a seed of the task.</summary>
    Random,

    /// <summary>The class means of the support: see <see cref="AdaptationOptions.ImprintScale"/>.</summary>
    Imprinted,
}
