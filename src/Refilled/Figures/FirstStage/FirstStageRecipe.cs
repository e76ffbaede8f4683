using Refilled.Data;
using Refilled.Evaluation.Clustering;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.Grid;

namespace Refilled.Figures.FirstStage;

/// <summary>What the first stage makes of an embedding, against other ways to train it.</summary>
internal sealed record FirstStageRecipe : FigureRecipe
{
    /// <summary>How the teacher's classes relate to the student's. Default cross-task.</summary>
    public Setting Setting { get; init; } = Setting.CrossTask;

    /// <summary>The lines: methods of a single stage, known ones or those whose stages stand among the <see cref="Edits"/>.</summary>
    public required IReadOnlyList<RecipeText> Methods { get; init; }

    /// <summary>What is changed for single methods, by the method's name.</summary>
    public RecipePart Edits { get; init; } = RecipePart.Empty;

    /// <summary>Classes that the student isn't trained on, whose images are embedded as well.</summary>
    public required UnseenClasses Unseen { get; init; }

    /// <summary>Epochs from one measurement to the next; the last epoch is always measured. Default 1.</summary>
    public int Every { get; init; } = 1;

    /// <summary>How often k-means begins anew in each measurement. Default 5.</summary>
    public int Clusterings { get; init; } = 5;

    /// <summary>The maps.</summary>
    public required MapRecipe Map { get; init; }

    /// <summary>The trainings.</summary>
    /// <exception cref="RecipeException">A run's recipe is wrong.</exception>
    public GridPlan Expand() => Expand(Setting, Methods, Edits);

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var problem in base.Validate().Concat(Check.Range("clusterings", Clusterings, 1, 1000))
            .Concat(Check.AtLeast<int>("every", Every, 1))) yield return problem;
        if (Methods is null || Map is null) yield break; // missing, and reported as that
        if (Methods.Count == 0) yield return ("methods", "must not be empty");
        if (TableNames.Twice(Methods.Select(method => method.Text)) is { } twice) yield return ("methods", $"'{twice}' stands twice");
        if (Methods.All(method => method.Text != Map.Method))
            yield return ("map.method", $"the figure has no method '{Map.Method}'."
                + NearestName.Hint(Map.Method, Methods.Select(method => method.Text)) + " Name one of its methods");
    }
}

/// <summary>Classes that the student never sees.</summary>
internal sealed record UnseenClasses : IValidated
{
    /// <summary>The classes, such as "alphabet:Tagalog"; see <see cref="ClassSpec"/>. None of them is the student's.</summary>
    [BesideRecipe]
    public required string Classes { get; init; }

    /// <summary>Which of the source's images: those for testing, or all. Default: test.</summary>
    /// <remarks>All only of classes that the teacher wasn't trained on either.</remarks>
    public UnseenPart Part { get; init; } = UnseenPart.Test;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() => Check.Parses("classes", Classes, spec => ClassSpec.Parse(spec));
}

/// <summary>Which images of a source are embedded.</summary>
internal enum UnseenPart
{
    /// <summary>Those for testing.</summary>
    Test,

    /// <summary>Those for training and testing.</summary>
    All,
}

/// <summary>Maps of the unseen classes' images before and after the training of one method's first run.</summary>
internal sealed record MapRecipe : IValidated
{
    /// <summary>Classes at most on a map, so that their signs can be told apart.</summary>
    public const int MostClasses = 16;

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>How many of the unseen classes, the first in seeded order. Default 8.</summary>
    public int Classes { get; init; } = 8;

    /// <summary>About how many neighbours count in t-SNE. Default 15.</summary>
    public double Perplexity { get; init; } = 15;

    /// <summary>How many images are shown on each map. Default 8.</summary>
    public int Images { get; init; } = 8;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("classes", Classes, 2, MostClasses),
        .. Check.Range<double>("perplexity", Perplexity, 1, NeighbourMap.MostRows),
        .. Check.Range("images", Images, 0, 200),
    ];
}
