using Refilled.Evaluation;
using Refilled.Experiments;
using static TorchSharp.torch;

namespace Refilled.Fitting;

/// <summary>What the teacher itself can do, without a student: its class means, and logistic regression on its embedding.</summary>
/// <param name="Ways">Both on the held-out images.</param>
/// <param name="Strength">The L2 strength of the regression.</param>
/// <param name="KnowsNothing">Whether neither is better than guessing.</param>
internal sealed record TeacherWays(IReadOnlyList<FitWay> Ways, double Strength, bool KnowsNothing)
{
    private const string Means = "ncm", Regression = "lr";

    private static readonly double[] Strengths = new LogisticRegression().Strengths.ToArray();

    /// <summary>The better of the two.</summary>
    public FitWay Best => Ways.MaxBy(way => way.Accuracy)!;

    /// <summary>Compares the two on parts of some images.</summary>
    /// <param name="read">The teacher's embedding of each image.</param>
    /// <param name="folds">The parts, as positions of those to fit on and those to measure on; at least one.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="cancel">Stops it.</param>
    /// <remarks>The strength is the best of all folds together: one number of seven, chosen on as many images as there are.</remarks>
    public static TeacherWays Compare(Readings read, IReadOnlyList<(IReadOnlyList<int> Train, IReadOnlyList<int> HeldOut)> folds,
        int classes, CancellationToken cancel)
    {
        if (folds.Count == 0) return new TeacherWays([new FitWay(Means, false, 0, 0, null)], Strengths[0], false);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var means = new List<bool>();
        var regressions = Strengths.Select(_ => new List<bool>()).ToArray();
        foreach (var fold in folds)
        {
            var (train, test) = (Part(read, fold.Train), Part(read, fold.HeldOut));
            means.AddRange(Right(new ClassMeansClassifier(), train, test, classes, cancel));
            foreach (var (i, strength) in Strengths.Index())
                regressions[i].AddRange(Right(new LogisticRegression { Strengths = [strength] }, train, test, classes, cancel));
        }
        var best = Array.IndexOf(regressions, regressions.MaxBy(right => right.Count(one => one)));
        FitWay Way(string name, List<bool> right) => new(name, false, Percent.Of(right.Average(one => one ? 1.0 : 0)), right.Count, null);
        return new TeacherWays([Way(Means, means), Way(Regression, regressions[best])], Strengths[best],
            new[] { means, regressions[best] }.All(right => FitMeasure.Of(right).Low <= 100.0 / classes));
    }

    /// <summary>What the better way says of the images of each part, fitted on the others.</summary>
    /// <param name="read">The teacher's embedding of each image.</param>
    /// <param name="ids">The images.</param>
    /// <param name="folds">The parts, as positions.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="cancel">Stops it.</param>
    public HeldOutAnswers OutOfFold(Readings read, IReadOnlyList<long> ids,
        IReadOnlyList<(IReadOnlyList<int> Train, IReadOnlyList<int> HeldOut)> folds, int classes, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var answers = new List<HeldOutAnswers>();
        foreach (var (train, heldOut) in folds)
        {
            var asked = Part(read, heldOut);
            using var fitted = Chosen.Fit(Part(read, train), asked, classes, cancel);
            var scored = asked with { Logits = fitted.Scores(asked.Embeddings, cancel).to(ScalarType.Float32) };
            answers.Add(HeldOutAnswers.Of(scored, [.. heldOut.Select(i => ids[i])]));
        }
        return HeldOutAnswers.Join(answers);
    }

    private EmbeddingClassifier Chosen =>
        Best.Name == Means ? new ClassMeansClassifier() : new LogisticRegression { Strengths = [Strength] };

    /// <summary>Of each test image whether the better way is right.</summary>
    public IReadOnlyList<bool> Test(Readings train, Readings test, int classes, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Right(Chosen, train, test, classes, cancel);
    }

    private static IReadOnlyList<bool> Right(
        EmbeddingClassifier way, Readings train, Readings test, int classes, CancellationToken cancel)
    {
        using var fitted = way.Fit(train, test, classes, cancel);
        return TopK.Right(fitted.Scores(test.Embeddings, cancel), test.Labels);
    }

    private static Readings Part(Readings read, IReadOnlyList<int> positions)
    {
        var at = tensor(positions.Select(position => (long)position).ToArray());
        return new Readings(read.Embeddings.index_select(0, at), read.Logits.shape[1] == 0 ? read.Logits : read.Logits.index_select(0, at),
            read.Labels.index_select(0, at));
    }
}
