using Refilled.Data.Episodes;
using Refilled.Networks;
using Refilled.Recipes;

namespace Refilled.Losses;

/// <summary>What a loss is: its options, weight and needs. Immutable; <see cref="Bind"/> makes the
/// <see cref="Objective"/> that computes it.</summary>
[Shorthand(nameof(Weight))]
public abstract record LossSpec
{
    /// <summary>Factor of the loss's mean in the stage's sum. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Decay of the weight per epoch: the weight in epoch e is <c>Weight · exp(-Decay · e)</c>. Default 0.</summary>
    public double Decay { get; init; }

    /// <summary>The loss's name in metrics, such as "triplet-alignment".</summary>
    public abstract string Name { get; }

    /// <summary>What the loss reads from the student's pass.</summary>
    public abstract Needs StudentNeeds { get; }

    /// <summary>What the loss reads from the teacher's pass.</summary>
    public abstract Needs TeacherNeeds { get; }

    /// <summary>The shape of the few-shot tasks that are the loss's batches. Default: null, and any batch will do.</summary>
    /// <remarks>See <see cref="Episode"/> for the order of the images.</remarks>
    public virtual EpisodeShape? TaskShape => null;

    /// <summary>Whether the loss reads what class an image is of. Default: it does.</summary>
    /// <remarks>A stage of losses that don't can be trained on unlabelled images, too.</remarks>
    public virtual bool ReadsLabels => true;

    /// <summary>Whether the loss can read mixed images, which are of two classes each. Default: it can't.</summary>
    /// <remarks>It can where it reads no labels, or reads <see cref="Data.Batch.PartnerLabels"/> beside them.</remarks>
    public virtual bool TakesMixed => false;

    /// <summary>Whether nothing is compared where every class has a single image. Default false.</summary>
    internal virtual bool NeedsClassmates => false;

    /// <summary>Makes the objective for a student and a teacher of the given shapes.</summary>
    /// <param name="shapes">Sizes of what they give.</param>
    /// <param name="seed">Decides the initial weights of what the objective trains.</param>
    public abstract Objective Bind(SignalShapes shapes, long seed = 0);

    /// <summary>Why the loss can't be bound to a student and a teacher of such shapes. Default: it always can.</summary>
    /// <returns>The end of a sentence ("it compares …, but …"), or null where it can.</returns>
    public virtual string? Misfit(SignalShapes shapes) => null;

    /// <summary>Says what is wrong with the options, if anything: option name (kebab-case) and message.</summary>
    public virtual IEnumerable<(string Option, string Message)> Validate() =>
        [.. Check.NotNegative("weight", Weight), .. Check.NotNegative("decay", Decay)];

    /// <summary>The weight in a given epoch.</summary>
    public double WeightAt(TrainClock clock) => Weight * Math.Exp(-Decay * clock.Epoch);

    /// <summary>The same loss with its weight multiplied.</summary>
    public static LossSpec operator *(double factor, LossSpec loss) => loss.Times(factor);

    /// <summary>The same loss with its weight multiplied by <paramref name="factor"/>.</summary>
    public LossSpec Times(double factor) => this with { Weight = factor * Weight };
}
