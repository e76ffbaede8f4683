using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.Grid;

namespace Refilled.Figures.SecondStage;

/// <summary>How much a teacher changes the gradient of cross-entropy as classes become more.</summary>
internal sealed record SecondStageRecipe : FigureRecipe
{
    /// <summary>Numbers of classes, ascending. Default 10, 20 … 100.</summary>
    /// <remarks>The classes of each are the first ones in an order that the run's seed decides, so that fewer are a part of more.</remarks>
    public IReadOnlyList<int> Classes { get; init; } = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

    /// <summary>When the student is looked at, in parts of its training by cross-entropy. Default 0 and 0.5.</summary>
    public IReadOnlyList<double> Moments { get; init; } = [0, 0.5];

    /// <summary>Batches whose gradients are compared, at most. Default 8.</summary>
    /// <remarks>They hold images of the fewest classes alone, the same ones for every number of classes.</remarks>
    public int Batches { get; init; } = 8;

    /// <summary>The options that the losses of <see cref="Methods"/> start from.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>The lines.</summary>
    public required IReadOnlyList<GradientMethod> Methods { get; init; }

    /// <summary>The trainings: the student by cross-entropy alone, once for each seed.</summary>
    /// <exception cref="RecipeException">A run's recipe is wrong.</exception>
    public GridPlan Expand() =>
        Expand(Setting.Standard, [new RecipeText(new RecipeNode.Scalar("figure", 0, "student", Plain: false))], RecipePart.Empty);

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var problem in base.Validate().Concat(Check.Range("batches", Batches, 1, 10_000))) yield return problem;
        if (Classes.Count < 2 || Classes[0] < 2 || Classes.Zip(Classes.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return ("classes", "must be at least two numbers, each above the one before, from 2 on");
        if (Moments.Count == 0 || Moments.Any(moment => !(moment is >= 0 and <= 1)) || Moments.Distinct().Count() < Moments.Count)
            yield return ("moments", "must be parts of the training, from 0 to 1, each once");
        if (Methods is null) yield break; // missing, and reported as that
        if (Methods.Count == 0) yield return ("methods", "must not be empty");
        if (TableNames.Twice(Methods.Select(method => method.Name)) is { } twice) yield return ("methods", $"'{twice}' stands twice");
    }
}

/// <summary>Losses whose gradient is compared with that of cross-entropy.</summary>
internal sealed record GradientMethod : IValidated
{
    /// <summary>What the line is called.</summary>
    public required string Name { get; init; }

    /// <summary>What is minimised, cross-entropy among it where it is a part.</summary>
    [PartsOf(typeof(LossOptions))]
    public required IReadOnlyList<LossSpec> Losses { get; init => field = LossOptions.InOrder(value); } = [];

    /// <summary>What is read of the teacher.</summary>
    internal Needs TeacherNeeds => Losses.Aggregate(Needs.None, (needs, loss) => needs | loss.TeacherNeeds);

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Name is { Length: 0 }) yield return ("name", "must not be empty");
        if (Losses is null) yield break; // missing, and reported as that
        if (Losses.Count == 0) yield return ("losses", "names no loss");
        foreach (var loss in Losses)
            if ((loss.StudentNeeds | loss.TeacherNeeds).HasFlag(Needs.FeatureMaps) || loss.TaskShape is not null)
                yield return ("losses", $"{loss.Name} doesn't depend on the number of classes; name losses of logits and embeddings");
    }
}
