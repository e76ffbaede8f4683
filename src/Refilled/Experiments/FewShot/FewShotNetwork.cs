using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Experiments.FewShot;

/// <summary>A network that a few-shot recipe names, as it was read.</summary>
/// <param name="File">Its file.</param>
/// <param name="Network">The network.</param>
/// <param name="ClassNames">The classes that it was trained on.</param>
internal sealed record FewShotNetwork(string File, EmbeddingNetwork Network, IReadOnlyList<string> ClassNames)
{
    /// <summary>What a backbone is called in messages.</summary>
    public const string BackboneRole = "backbone";

    /// <summary>SHA-256 (hex) of the file.</summary>
    public string Hash { get; } = Experiment.HashOf(File);

    /// <summary>The file of what was trained beside a network.</summary>
    public static string AdapterOf(string networkFile) => Path.Combine(Path.GetDirectoryName(networkFile) ?? "", RunFolder.AdapterName);

    /// <summary>Reads a network in evaluation mode.</summary>
    /// <param name="path">A run folder or a network file.</param>
    /// <param name="recipe">The resolved recipe: device and number format.</param>
    /// <param name="role">What it is for, in messages.</param>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static FewShotNetwork Load(string path, FewShotRecipe recipe, string role)
    {
        var trained = TeacherFile.Load(path, device(recipe.Device), recipe.Precision == PrecisionChoice.Bf16 ? Precision.Bf16 : Precision.Fp32, role: role);
        trained.Network.eval();
        return new FewShotNetwork(TeacherFile.Find(path, role), trained.Network, trained.ClassNames);
    }
}
