using Refilled.Evaluation;
using Refilled.Losses;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>Every row of the tables.</summary>
public static class Methods
{
    /// <summary>The method that leaves no network.</summary>
    internal const string NearestNeighbour = "1nn";

    /// <summary>The teacher itself: the nearest training image by its embedding.</summary>
    public static Method Neighbour(LossOptions losses) => Frozen(NearestNeighbour, new NearestNeighbourClassifier());

    /// <summary>The teacher itself: the class mean whose direction is nearest to its embedding's.</summary>
    public static Method ClassMeans(LossOptions losses) => Frozen("ncm", new ClassMeansClassifier());

    /// <summary>The teacher itself: logistic regression on its embedding.</summary>
    public static Method Regression(LossOptions losses) => Frozen("lr", new LogisticRegression());

    /// <summary>The teacher itself, fine-tuned with a fresh classifier.</summary>
    public static Method FineTuning(LossOptions losses) => new("ft", [Classifier(losses.CrossEntropy)]) { Start = StudentStart.Teacher };

    /// <summary>From scratch with cross-entropy, for the second stage's epochs.</summary>
    public static Method Student(LossOptions losses) => new("student", [Classifier(losses.CrossEntropy)]);

    /// <summary>As <see cref="Student"/>, for the total epochs of both stages: the fair comparison (ours).</summary>
    public static Method StudentLong(LossOptions losses) =>
        new("student-long", [Classifier(losses.CrossEntropy) with { Length = StageLength.Total }]);

    /// <summary>Soft targets of a teacher of the same classes.</summary>
    public static Method Kd(LossOptions losses) => new("kd", [Classifier(losses.HardTargets, losses.SoftTargets)]);

    /// <summary>FitNets: a hint in the middle, trained together with the classifier.</summary>
    public static Method FitNet(LossOptions losses) => new("fitnet", [Classifier(losses.CrossEntropy, losses.Hint)]);

    /// <summary>Attention transfer.</summary>
    public static Method At(LossOptions losses) => new("at", [Classifier(losses.CrossEntropy, losses.AttentionTransfer)]);

    /// <summary>Neuron selectivity transfer.</summary>
    public static Method Nst(LossOptions losses) => new("nst", [Classifier(losses.CrossEntropy, losses.NeuronSelectivity)]);

    /// <summary>Variational information distillation of the groups (VID-I).</summary>
    public static Method Vid(LossOptions losses) => new("vid", [Classifier(losses.CrossEntropy, losses.VariationalInformation)]);

    /// <summary><see cref="Kd"/> and <see cref="Vid"/> together.</summary>
    public static Method KdVid(LossOptions losses) =>
        new("kd+vid", [Classifier(losses.HardTargets, losses.SoftTargets, losses.VariationalInformation)]);

    /// <summary>Relational knowledge distillation of the embedding.</summary>
    public static Method Rkd(LossOptions losses) => new("rkd", [Classifier(losses.CrossEntropy, losses.RelationalKnowledge)]);

    /// <summary>The embedding is aligned, then the classifier trained with cross-entropy alone.</summary>
    public static Method Vanilla(LossOptions losses) =>
        new("vanilla", [Embedding(losses.TripletAlignment), Classifier(losses.CrossEntropy)]);

    /// <summary>Local knowledge distillation: the second stage alone, from scratch.</summary>
    public static Method Lkd(LossOptions losses) => new("lkd", [Classifier(losses.CrossEntropy, losses.LocalClassifier)]);

    /// <summary>REFILLED: the embedding is aligned by triplets, then the classifier trained with the local classifier.</summary>
    public static Method Refilled(LossOptions losses) =>
        new("refilled", [Embedding(losses.TripletAlignment), Classifier(losses.CrossEntropy, losses.LocalClassifier)]);

    /// <summary>REFILLED with tuples instead of triplets (the authors' later form).</summary>
    public static Method RefilledTuples(LossOptions losses) =>
        new("refilled-tuples", [Embedding(losses.TupleAlignment), Classifier(losses.CrossEntropy, losses.LocalClassifier)]);

    /// <summary>The embedding alone, from which the teacher's can be read off; the class means are the classifier (ours).</summary>
    public static Method Regress(LossOptions losses) => new("regress", [Embedding(losses.EmbeddingRegression)]);

    /// <summary>As <see cref="Regress"/>, then the classifier trained with the local classifier (ours).</summary>
    public static Method RegressLkd(LossOptions losses) =>
        new("regress+lkd", [Embedding(losses.EmbeddingRegression), Classifier(losses.CrossEntropy, losses.LocalClassifier)]);

    /// <summary>Prototypical networks: few-shot tasks train the embedding, whose queries should lie nearest to their class's
    /// mean.</summary>
    public static Method ProtoNet(LossOptions losses) => new("protonet", [Tasks(losses.Prototypes)]);

    /// <summary>FEAT: as <see cref="ProtoNet"/>, with class means that are adapted to each other, by what is trained along and
    /// kept.</summary>
    public static Method Feat(LossOptions losses) => new("feat", [Tasks(losses.SetToSet)]);

    /// <summary>MAML: parameters from which a few steps on a few-shot task lead far.</summary>
    public static Method Maml(LossOptions losses) => new("maml", [Tasks(losses.Maml)]);

    private static readonly IReadOnlyDictionary<string, Func<LossOptions, Method>> ByName = new Func<LossOptions, Method>[]
    {
        Neighbour, ClassMeans, Regression, FineTuning, Student, StudentLong, Kd, FitNet, At, Nst, Vid, KdVid, Rkd, Vanilla, Lkd, Refilled,
        RefilledTuples, Regress, RegressLkd, ProtoNet, Feat, Maml,
    }.ToDictionary(make => make(new LossOptions()).Name);

    /// <summary>The names of all methods.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    /// <summary>The method of that name.</summary>
    /// <exception cref="InputException">There is none; the message holds the nearest name.</exception>
    public static Method Create(string name, LossOptions losses) => ByName.TryGetValue(name, out var make)
        ? make(losses)
        : throw new InputException($"There is no method '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");

    /// <summary>The names of the methods, with their usual losses, that something holds for.</summary>
    public static string NamesWhere(Func<Method, bool> holds)
    {
        var losses = new LossOptions();
        return string.Join(", ", ByName.Where(pair => holds(pair.Value(losses))).Select(pair => pair.Key));
    }

    private static Stage Embedding(params LossSpec[] losses) =>
        new("embedding", losses, StageLength.First, SelectionMeasure.NearestClassMean);

    // As every method of one stage, it has the second's epochs and learning rate.
    private static Stage Tasks(LossSpec loss) => new("embedding", [loss], StageLength.Second, SelectionMeasure.NearestClassMean);

    private static Stage Classifier(params LossSpec[] losses) => new("classifier", losses, StageLength.Second, SelectionMeasure.Accuracy);

    private static Method Frozen(string name, EmbeddingClassifier classifier) =>
        new(name, []) { Start = StudentStart.Teacher, Classifier = classifier };
}

/// <summary>Makes any recipe one that trains without a teacher.</summary>
internal static class Pretraining
{
    /// <summary>The edits that do it. The recipe is read, but not checked.</summary>
    /// <remarks>A known method that reads no teacher stays; any other, and stages of the recipe's own, give way to the plain
    /// student.</remarks>
    /// <param name="file">The recipe's file, or null.</param>
    /// <param name="edits">What edits it already.</param>
    /// <param name="origin">Who asks for it, for messages.</param>
    public static IReadOnlyList<RecipeEdit> Edits(string? file, IReadOnlyList<RecipeEdit> edits, string origin)
    {
        var method = RecipeReader.Peek(file, edits, "method") as RecipeNode.Scalar;
        var stages = RecipeReader.Peek(file, edits, "stages") as RecipeNode.Sequence;
        // A name that nobody knows stays, too, to be told.
        var stays = method is { IsNull: false, Text: var name } && stages is null or { Items.Count: 0 }
            && (!Methods.Names.Contains(name) || !Methods.Create(name, new LossOptions()).HasTeacher);
        return [.. stays ? Array.Empty<RecipeEdit>() : [new RecipeEdit("method", "student", origin)],
            new RecipeEdit("stages", "[]", origin), new RecipeEdit("teacher", "null", origin)];
    }
}
