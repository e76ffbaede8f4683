using System.Globalization;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Weights;
using Refilled.Weights.PyTorch;
using TorchSharp;

namespace Refilled.Teachers;

/// <summary>Weights that PyTorch saved (.pth, .pt, .safetensors), for networks of the catalogue.</summary>
/// <remarks>No code of theirs is ever run. The network is found by the tensors' names and shapes, or named behind "#" or in the
/// <see cref="TeacherSettings"/> beside the file.</remarks>
internal sealed class PyTorchFormat : ITeacherFormat
{
    /// <inheritdoc/>
    public bool Opens(NetworkPlace place) => place.TryFile is { } file && FileKinds.Of(file) switch
    {
        FileKind.TorchZip or FileKind.TorchPickles => true,
        FileKind.Safetensors => Safetensors.IsForeign(file),
        _ => false,
    };

    /// <inheritdoc/>
    public void Check(NetworkPlace place) => _ = Look(place);

    /// <inheritdoc/>
    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        var (weights, architecture, names, settings) = Look(place);
        var input = settings.Over(WeightLoader.UsualInput(names));
        var classes = settings.Classes ?? Numbered(WeightLoader.Classes(weights, names));
        if (classes.Count != WeightLoader.Classes(weights, names))
            throw new InputException($"'{settings.File}' names {classes.Count} classes, but the classifier in '{place.File}' has "
                + $"{WeightLoader.Classes(weights, names)}.");
        var network = WeightLoader.Load(weights, architecture, names,
            new NetworkOptions(classes.Count) { Input = input, Precision = options.Precision, Layout = options.Layout },
            settings.Channels == ChannelOrder.Bgr);
        network.to(options.Device);
        return new Teacher(place, new TrainedNetwork(network, classes)) { Notes = Assumed(place, architecture, names, settings, input) };
    }

    private static (WeightTable Weights, string Architecture, KeyMap Names, TeacherSettings Settings) Look(NetworkPlace place)
    {
        var settings = TeacherSettings.Of(place.File);
        var weights = WeightTable.Open(place.File, place.Part);
        // Behind "#" stands the network, or which of several sets of weights it is.
        if (place.Part is { } named && !weights.Sets.Contains(named)) NetworkCatalog.Check(named);
        var asked = place.Part is { } part && NetworkCatalog.Knows(part) ? part : settings.Architecture;
        var (architecture, names) = WeightLoader.Identify(weights, asked,
            $"'{place.File}#<network>', or 'architecture:' in '{Path.GetFileName(TeacherSettings.PlacesFor(place.File)[^1])}' beside it");
        _ = WeightLoader.Classes(weights, names);
        return (weights, architecture, names, settings);
    }

    /// <summary>What nobody has said, and the file doesn't.</summary>
    private static List<string> Assumed(NetworkPlace place, string architecture, KeyMap names, TeacherSettings settings, InputSpec input)
    {
        var beside = Path.GetFileName(TeacherSettings.PlacesFor(place.File)[^1]);
        var notes = new List<string>();
        if (!names.ForPhotos && settings is { Size: null, Mean: null, Std: null })
            notes.Add(FormattableString.Invariant($"'{place.Path}' doesn't say what its {architecture} was trained on: images of ")
                + FormattableString.Invariant($"{input.Width}×{input.Height} pixels with CIFAR-100's means and deviations are assumed. ")
                + $"Other ones can be given as size, mean and std in '{beside}' beside it.");
        if (settings.Classes is null)
            notes.Add($"'{place.Path}' doesn't name its classes, so they have numbers; 'classes:' in '{beside}' beside it names them.");
        return notes;
    }

    /// <summary>Names for classes that have none, which no class of anybody's data has.</summary>
    private static string[] Numbered(int classes) =>
        [.. Enumerable.Range(0, classes).Select(i => string.Create(CultureInfo.InvariantCulture, $"class #{i}"))];
}
