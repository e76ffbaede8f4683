namespace Refilled.Deploy;

/// <summary>What a network says of an image.</summary>
public sealed class Classification
{
    private readonly IReadOnlyList<string> classNames;

    internal Classification(IReadOnlyList<string> classNames, float[] probabilities, float[] logits, float[] embedding)
    {
        this.classNames = classNames;
        (Probabilities, Logits, Embedding) = (probabilities, logits, embedding);
        Best = Top(1)[0];
    }

    /// <summary>The likeliest class.</summary>
    public ClassProbability Best { get; }

    /// <summary>The likeliest class's name.</summary>
    public string Label => Best.Name;

    /// <summary>The likeliest class's probability.</summary>
    public float Probability => Best.Probability;

    /// <summary>The probability of each class, in the classifier's order, <c>[C]</c>.</summary>
    public IReadOnlyList<float> Probabilities { get; }

    /// <summary>What the probabilities are made of, <c>[C]</c>.</summary>
    public IReadOnlyList<float> Logits { get; }

    /// <summary>Where the network sees the image among others, <c>[d]</c>: near images are alike.</summary>
    public IReadOnlyList<float> Embedding { get; }

    /// <summary>The likeliest classes, the likeliest first.</summary>
    /// <param name="count">How many; all where there are fewer.</param>
    public IReadOnlyList<ClassProbability> Top(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return [.. Enumerable.Range(0, classNames.Count).OrderByDescending(c => Probabilities[c]).Take(count)
            .Select(c => new ClassProbability(classNames[c], Probabilities[c]))];
    }
}

/// <summary>A class and how likely it is.</summary>
/// <param name="Name">The class.</param>
/// <param name="Probability">From 0 to 1.</param>
public readonly record struct ClassProbability(string Name, float Probability);

/// <summary>The answer for one of several images: what the network says of it, or why it can't be used.</summary>
/// <param name="Classification">What the network says; null where the image can't be used.</param>
/// <param name="Problem">Why it can't be used; null where it can.</param>
public readonly record struct ImageAnswer(Classification? Classification, string? Problem);
