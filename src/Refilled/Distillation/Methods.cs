using Refilled.Training;

namespace Refilled.Distillation;

/// <summary>Every row of the tables.</summary>
public static class Methods
{
    /// <summary>From scratch with cross-entropy, for the second stage's epochs.</summary>
    public static Method Student(LossOptions losses) => new("student", [Classifier(new CrossEntropy())]);

    /// <summary>As <see cref="Student"/>, for the total epochs of both stages: the fair comparison (ours).</summary>
    public static Method StudentLong(LossOptions losses) => new("student-long", [Classifier(new CrossEntropy()) with { Length = StageLength.Total }]);

    /// <summary>The embedding is aligned, then the classifier trained with cross-entropy alone.</summary>
    public static Method Vanilla(LossOptions losses) => new("vanilla", [Embedding(losses.TripletAlignment), Classifier(new CrossEntropy())]);

    /// <summary>Local knowledge distillation: the second stage alone, from scratch.</summary>
    public static Method Lkd(LossOptions losses) => new("lkd", [Classifier(new CrossEntropy(), losses.LocalClassifier)]);

    /// <summary>REFILLED: the embedding is aligned by triplets, then the classifier trained with the local classifier.</summary>
    public static Method Refilled(LossOptions losses) =>
        new("refilled", [Embedding(losses.TripletAlignment), Classifier(new CrossEntropy(), losses.LocalClassifier)]);

    /// <summary>REFILLED with tuples instead of triplets (the authors' later form).</summary>
    public static Method RefilledTuples(LossOptions losses) =>
        new("refilled-tuples", [Embedding(losses.TupleAlignment), Classifier(new CrossEntropy(), losses.LocalClassifier)]);

    private static readonly IReadOnlyDictionary<string, Func<LossOptions, Method>> ByName =
        new Func<LossOptions, Method>[] { Student, StudentLong, Vanilla, Lkd, Refilled, RefilledTuples }.ToDictionary(make => make(new LossOptions()).Name);

    /// <summary>The names of all methods.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    /// <summary>The method of that name.</summary>
    /// <exception cref="InputException">There is none; the message holds the nearest name.</exception>
    public static Method Create(string name, LossOptions losses) => ByName.TryGetValue(name, out var make)
        ? make(losses)
        : throw new InputException($"There is no method '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");

    private static Stage Embedding(params LossSpec[] losses) => new("embedding", losses, StageLength.First, SelectionMeasure.NearestClassMean);

    private static Stage Classifier(params LossSpec[] losses) => new("classifier", losses, StageLength.Second, SelectionMeasure.Accuracy);
}
