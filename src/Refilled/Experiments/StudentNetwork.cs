using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>Makes the student that a recipe and its method ask for.</summary>
internal static class StudentNetwork
{
    /// <summary>What a recipe's <see cref="Recipe.Start"/> is called in messages.</summary>
    public const string StartRole = "start";

    /// <summary>The student of a recipe and its method: a fresh network, the teacher's own, or one that starts from another.</summary>
    /// <exception cref="InputException">The network that it starts from can't be read, or has another architecture.</exception>
    public static EmbeddingNetwork Create(Recipe recipe, Method method, ImageSet train, ChannelStatistics statistics)
    {
        var (path, role) = method.Start == StudentStart.Teacher ? (recipe.Teacher, "teacher") : (recipe.Start, StartRole);
        if (path is null) return Create(recipe, (EmbeddingNetwork?)null, train, statistics);
        // A copy of its own: a network that teaches is frozen, and may be changed for speed.
        using var own = TeacherFile.Load(path, device(recipe.Device), Devices.Resolve(recipe.Precision, recipe.Device), role: role).Network;
        if (method.Start != StudentStart.Teacher && own.Architecture != recipe.Student)
            throw new InputException($"The start '{path}' is a {own.Architecture}, but the student is a {recipe.Student}; they must be the same. Name another start, or {own.Architecture} as the student.");
        return Create(recipe, own, train, statistics);
    }

    /// <summary>A fresh network of the recipe's architecture, for the data's images; or one with the embedding of another, its
    /// input, and a fresh classifier. Either is a function of the run's seed.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="own">The other network as its file holds it, for the second; null for the first.</param>
    /// <param name="train">The student's training images.</param>
    /// <param name="statistics">The data's channel statistics.</param>
    public static EmbeddingNetwork Create(Recipe recipe, EmbeddingNetwork? own, ImageSet train, ChannelStatistics statistics)
    {
        var student = NetworkCatalog.Create(own?.Architecture ?? recipe.Student, new NetworkOptions(train.Classes)
        {
            Input = own?.Input ?? InputSpec.Square(train.Store.ViewShape.Height, statistics),
            Precision = Devices.Resolve(recipe.Precision, recipe.Device),
            Layout = recipe.Layout,
            Dropout = recipe.Dropout,
            Seed = SeedMix.Mix(recipe.Seeds.Run, SeedStream.Weights, 0),
        });
        if (own is not null) CopyEmbedding(own, student);
        student.to(device(recipe.Device));
        return student;
    }

    /// <summary>Copies everything but the classifier, which has other classes.</summary>
    private static void CopyEmbedding(EmbeddingNetwork from, EmbeddingNetwork to)
    {
        static Dictionary<string, Tensor> Embedding(EmbeddingNetwork network) =>
            ModuleState.Of(network).Where(pair => !network.IsOfClassifier(pair.Key)).ToDictionary();
        ModuleState.Restore(Embedding(to), Embedding(from), "The network that it starts from");
    }
}
