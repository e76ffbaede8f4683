using Refilled.Recipes;

namespace Refilled.Experiments;

/// <summary>Makes any recipe one that trains without a teacher.</summary>
public static class Pretraining
{
    /// <summary>The edits that do it: a known method that reads no teacher stays; any other, and stages of the recipe's own, give way to
    /// the plain student. The recipe is read, but not checked.</summary>
    /// <param name="file">The recipe's file, or null.</param>
    /// <param name="edits">What edits it already.</param>
    /// <param name="origin">Who asks for it, for messages.</param>
    public static IReadOnlyList<RecipeEdit> Edits(string? file, IReadOnlyList<RecipeEdit> edits, string origin)
    {
        var (method, stages) = (RecipeReader.Peek(file, edits, "method") as RecipeNode.Scalar, RecipeReader.Peek(file, edits, "stages") as RecipeNode.Sequence);
        // A name that nobody knows stays, too, to be told.
        var stays = method is { IsNull: false, Text: var name } && stages is null or { Items.Count: 0 } && (!Methods.Names.Contains(name) || !Methods.Create(name, new LossOptions()).HasTeacher);
        return [.. stays ? Array.Empty<RecipeEdit>() : [new RecipeEdit("method", "student", origin)], new RecipeEdit("stages", "[]", origin), new RecipeEdit("teacher", "null", origin)];
    }
}
