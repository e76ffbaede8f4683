using System.Text.Json;
using global::Onnx;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>Finds out what a model wants to see: from its settings, its metadata, its first nodes, or else by what is usual.</summary>
internal sealed class ImageInputReader
{
    /// <summary>The size of most networks that were trained on ImageNet.</summary>
    private const int UsualSize = 224;

    private readonly OnnxFile file;
    private readonly TeacherSettings settings;
    private readonly List<string> notes = [];

    private ImageInputReader(OnnxFile file, TeacherSettings settings) => (this.file, this.settings) = (file, settings);

    /// <summary>Reads it.</summary>
    /// <param name="file">The model.</param>
    /// <param name="settings">What its user says of it.</param>
    /// <returns>The input, and what had to be assumed.</returns>
    /// <exception cref="InputException">It takes no images, or several things.</exception>
    public static (ImageInput Input, IReadOnlyList<string> Notes) Read(OnnxFile file, TeacherSettings settings)
    {
        var reader = new ImageInputReader(file, settings);
        return (reader.Read(), reader.notes);
    }

    private ImageInput Read()
    {
        var graph = file.Model.Graph;
        var value = Input(graph);
        var tensor = value.Type?.TensorType ?? throw Wrong($"its input '{value.Name}' is no tensor");
        var type = (DataType)tensor.ElemType;
        if (type is not (DataType.Float or DataType.Float16 or DataType.Uint8))
            throw Wrong($"its input '{value.Name}' takes {type} and not fp32, fp16 or uint8");
        if (tensor.Shape?.Dim is not { Count: 4 } sides)
            throw Wrong($"its input '{value.Name}' has {tensor.Shape?.Dim.Count ?? 0} sides, and images have 4: [N, C, H, W]");
        var shape = sides.Select(side => side.DimValue).ToArray();
        if (shape.Any(side => side is < 0 or > 65536)) throw Wrong($"its input '{value.Name}' is [{string.Join(", ", shape)}]");
        var leading = LeadingNodes.Of(graph, value.Name);
        var last = settings.Layout is { } layout ? layout == ImageLayout.Nhwc : shape[1] != 3 && (shape[3] == 3 || leading.ChannelsLast);
        var channels = shape[last ? 3 : 1];
        if (channels is not (0 or 3)) throw Wrong($"its images have {channels} channels, and ours have 3: red, green and blue");
        var own = Own();
        var (height, width) = (Side(shape[last ? 1 : 2], own?.Height), Side(shape[last ? 2 : 3], own?.Width));
        var (spec, from) = Normalisation(own, type, leading, height, width);
        return new ImageInput(value.Name, type, shape[0] > 0 ? (int)shape[0] : null, spec)
        {
            ChannelsLast = last, Bgr = settings.Channels == ChannelOrder.Bgr, From = from,
        };
    }

    /// <summary>The input that no tensor of the file gives.</summary>
    private ValueInfoProto Input(GraphProto graph)
    {
        var given = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var open = graph.Input.Where(input => !given.Contains(input.Name)).ToList();
        if (open is not [var only])
            throw Wrong(open.Count == 0 ? "it has no input"
                : $"it has {open.Count} inputs, {Names(open)}, and a teacher is given images alone");
        if (settings.Input is { } named && named != only.Name)
            throw Wrong($"its input is '{only.Name}', and not '{named}' as '{settings.Named(file.Path)}' says");
        return only;
    }

    private static string Names(IEnumerable<ValueInfoProto> values) => string.Join(", ", values.Take(5).Select(value => $"'{value.Name}'"));

    /// <summary>What a network of ours wrote of itself; null for others.</summary>
    private InputSpec? Own()
    {
        if (file.Model.MetadataProps.FirstOrDefault(pair => pair.Key == OnnxExport.InputKey)?.Value is not { } text) return null;
        try
        {
            return JsonSerializer.Deserialize<InputSpec>(text);
        }
        catch (JsonException e)
        {
            throw Wrong($"its metadata '{OnnxExport.InputKey}' can't be read ({e.Message})");
        }
    }

    private int Side(long declared, int? own)
    {
        if (declared > 0)
        {
            if (settings.Size is { } said && said != declared)
                throw Wrong($"its images are {declared} pixels large, and not {said} as '{settings.Named(file.Path)}' says");
            if (declared is < 8 or > 1024) throw Wrong($"its images are {declared} pixels large, and ours are from 8 to 1024");
            return (int)declared;
        }
        if ((settings.Size ?? own) is { } size) return size;
        Assume($"doesn't say how large its images are: {UsualSize} pixels are assumed", "size");
        return UsualSize;
    }

    private (InputSpec Spec, string From) Normalisation(InputSpec? own, DataType type, LeadingNodes leading, int height, int width)
    {
        var pixels = ImageInput.Pixels(height, width);
        // In the order of the network's channels, whichever that is.
        var usual = settings.Channels == ChannelOrder.Bgr
            ? new InputSpec(height, width, [.. ChannelStatistics.ImageNet.Mean.Reverse()], [.. ChannelStatistics.ImageNet.Std.Reverse()])
            : new InputSpec(height, width, ChannelStatistics.ImageNet.Mean, ChannelStatistics.ImageNet.Std);
        if ((settings.Mean ?? settings.Std) is not null)
            return (usual with { Mean = settings.Mean ?? [0, 0, 0], Std = settings.Std ?? [1, 1, 1] }, $"from {settings.Named(file.Path)}");
        if (own is not null) return (pixels, "from the metadata: an export of Refilled, which normalises by itself");
        if (type == DataType.Uint8) return (pixels, "from the type of the input: whole pixels");
        if (leading.Normalises)
        {
            return leading.WantsPixels ? (pixels, "from the first nodes, which normalise pixels from 0 to 255")
                : (new InputSpec(height, width, [0, 0, 0], [1, 1, 1]), "from the first nodes, which normalise pixels from 0 to 1");
        }
        Assume("doesn't say how its images are normalised: by ImageNet's mean and deviation, as most are, is assumed", "mean and std");
        return (usual, "assumed: ImageNet's mean and deviation");
    }

    private void Assume(string what, string keys)
    {
        var note = $"The teacher '{file.Path}' {what}. What is right can be said in '{settings.Named(file.Path)}' ({keys}).";
        if (!notes.Contains(note)) notes.Add(note);
    }

    private InputException Wrong(string what) => OnnxFault.Of(file.Path, what);
}
