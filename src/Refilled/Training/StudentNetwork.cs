using Refilled.Data;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Makes the student that a recipe and its method ask for.</summary>
internal static class StudentNetwork
{
    /// <summary>A fresh network of the recipe's architecture, for the data's images; or the teacher's own with its weights, its
    /// input, and a fresh classifier. Either is a function of the run's seed.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="own">The teacher's network as its file holds it, for the second; null for the first.</param>
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
        ModuleState.Restore(Embedding(to), Embedding(from), "The teacher");
    }
}
