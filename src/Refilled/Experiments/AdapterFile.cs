using Refilled.FewShot;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Training;
using Refilled.Weights;
using TorchSharp;

namespace Refilled.Experiments;

/// <summary>What a loss trained beside a network and is kept (see <see cref="Objective.IsKept"/>), as one safetensors
/// file.</summary>
/// <remarks>It holds the weights, and in the metadata the loss's name and its options as a recipe writes them, so that the file and
/// the network are enough to use it.</remarks>
internal static class AdapterFile
{
    private const string Format = "refilled-adapter/1";

    /// <summary>The file of what was trained beside a network.</summary>
    public static string Beside(string networkFile) => Path.Combine(Path.GetDirectoryName(networkFile) ?? "", RunFolder.AdapterName);

    /// <summary>Writes what the objective trained, atomically.</summary>
    public static void Save(string path, Objective objective) =>
        Safetensors.WriteSealed(path, ModuleState.Of(objective), new Dictionary<string, string>
    {
        ["format"] = Format,
        ["loss"] = objective.Spec.Name,
        ["options"] = RecipeWriter.Write(objective.Spec),
    });

    /// <summary>Reads what <see cref="Save"/> wrote: the objective, on the network's device, in evaluation mode. The caller
    /// disposes it.</summary>
    /// <remarks>It is an <see cref="ILearnerObjective"/> where it solves few-shot tasks.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="network">The network that it was trained beside.</param>
    /// <exception cref="InputException">The file is missing, damaged, no adapter of ours, or for another network.</exception>
    public static Objective Load(string path, EmbeddingNetwork network)
    {
        using var file = Safetensors.Read(path);
        if (!file.Metadata.TryGetValue("format", out var format) || format != Format)
            throw new InputException($"'{path}' is no adapter file of Refilled: its metadata lacks format '{Format}'.");
        if (!file.Metadata.TryGetValue("loss", out var name) || !file.Metadata.TryGetValue("options", out var options))
            throw new InputException($"'{path}' is a damaged adapter file: its metadata must hold loss and options.");
        var objective = (Objective)Spec(path, name, options).Bind(new SignalShapes(network.Classes, network.EmbeddingSize, 0))
            .to(network.Device);
        ModuleState.Restore(ModuleState.Of(objective), file.Tensors, $"'{path}'");
        objective.eval();
        return objective;
    }

    private static LossSpec Spec(string path, string name, string options)
    {
        var property = RecipeBinder.Properties(typeof(LossOptions)).FirstOrDefault(property => RecipeNames.Kebab(property.Name) == name)
            ?? throw new InputException($"'{path}' holds an adapter of the loss '{name}', which this version doesn't know.");
        var errors = new List<RecipeError>();
        var spec = new RecipeDocument(errors).Parse(options, path) is { } node
            ? (LossSpec?)new RecipeBinder(errors, false)
                .Record(node, property.PropertyType, Activator.CreateInstance(property.PropertyType), "")
            : null;
        if (spec is not null) errors.AddRange(spec.Validate().Select(problem => new RecipeError(path, 0, problem.Option, problem.Message)));
        return spec is not null && errors.Count == 0
            ? spec
            : throw new InputException($"'{path}' is a damaged adapter file: its options can't be used:\n  {string.Join("\n  ", errors)}");
    }
}
