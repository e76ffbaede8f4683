using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;
using TorchSharp;

namespace Refilled.Experiments;

/// <summary>Makes the student that a recipe and its method ask for.</summary>
internal static class StudentNetwork
{
    /// <summary>What a recipe's <see cref="Recipe.Start"/> is called in messages.</summary>
    public const string StartRole = "start";

    /// <summary>Opens the network that a recipe's student starts from.</summary>
    /// <exception cref="InputException">It can't be read, or has another architecture.</exception>
    /// <remarks>A program of another framework is refused, but only by a format that opens it where a crash does no harm.</remarks>
    public static Teacher OpenStart(NetworkPlace place, Recipe recipe, Machine machine, IReadOnlyList<ITeacherFormat> formats)
    {
        var start = Teacher.Open(place, machine.Networks, formats);
        if (start.Name == recipe.Student) return start;
        start.Dispose();
        throw new InputException($"The start '{place.Path}' is a {start.Name}, but the student is a {recipe.Student}; "
            + $"they must be the same. Name another start, or {start.Name} as the student.");
    }

    /// <summary>Makes a fresh network for the data's images, or one with another's embedding, its input, and a fresh
    /// classifier.</summary>
    /// <remarks>A fresh one has the recipe's architecture. Either is a function of the run's seed.</remarks>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="machine">Where it is to compute.</param>
    /// <param name="own">The other network, for the second, which takes a copy and leaves it as it is; null for the first.</param>
    /// <param name="train">The student's training images.</param>
    /// <param name="statistics">The data's channel statistics.</param>
    public static EmbeddingNetwork Create(
        Recipe recipe, Machine machine, EmbeddingNetwork? own, ImageSet train, ChannelStatistics statistics)
    {
        var student = NetworkCatalog.Create(own?.Architecture ?? recipe.Student, new NetworkOptions(train.Classes)
        {
            Input = own?.Input ?? InputSpec.Square(train.Store.ViewShape.Height, statistics),
            Precision = machine.Precision,
            Layout = recipe.Layout,
            Dropout = recipe.Dropout,
            Seed = SeedMix.Mix(recipe.Seeds.Run, SeedStream.Weights, 0),
        });
        try
        {
            if (own is not null) ModuleState.CopyEmbedding(own, student, "The network that it starts from");
            student.to(machine.Device);
            return student;
        }
        catch
        {
            student.Dispose();
            throw;
        }
    }
}
