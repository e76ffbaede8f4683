using Refilled.Files;
using Refilled.Teachers;
using Refilled.Weights;

namespace Refilled.Onnx.Teachers;

/// <summary>The built-in teacher: a ResNet-18 of ImageNet, from a NuGet package that the build links beside the program.</summary>
/// <remarks>Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT). It ends with the pooled embedding and has no classifier.</remarks>
public sealed class ImageNetTeacherFormat : ITeacherFormat
{
    /// <summary>What stands in place of a path.</summary>
    public const string Name = "imagenet-resnet-18";

    private const string NetworkFile = "ResNet18.onnx", PreprocessingFile = "ResNetPreprocess.onnx";

    private const string NetworkHash = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f",
        PreprocessingHash = "84bf8def78d0befaa3f6e73745d57d7016c6a192ead76f79686bd438c1047004";

    /// <summary>Where its files are.</summary>
    internal static string Folder => Path.Combine(AppContext.BaseDirectory, "teachers", Name);

    /// <summary>Whether they are there.</summary>
    internal static bool IsThere => File.Exists(Network) && File.Exists(Preprocessing);

    /// <summary>How they are had.</summary>
    internal static string HowToGet => "build the command where NuGet can be reached: its package "
        + $"Microsoft.ML.DnnImageFeaturizer.ResNet18 has {NetworkFile} and {PreprocessingFile}, which belong in '{Folder}'";

    internal static string Network => Path.Combine(Folder, NetworkFile);

    internal static string Preprocessing => Path.Combine(Folder, PreprocessingFile);

    /// <inheritdoc/>
    /// <remarks>A file or folder of that name is meant where there is one.</remarks>
    public bool Opens(NetworkPlace place) => place.Path == Name && !Path.Exists(place.Path);

    /// <inheritdoc/>
    public void Check(NetworkPlace place)
    {
        if (!IsThere) throw new InputException($"The built-in {place.Role} '{Name}' isn't here: {HowToGet}.");
        place.LiesAt(Network);
    }

    /// <inheritdoc/>
    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        Check(place);
        var network = Sound(Network, NetworkHash);
        var graph = network.Model.Graph;
        var side = (int)graph.Input.Single(input => graph.Initializer.All(tensor => tensor.Name != input.Name))
            .Type.TensorType.Shape.Dim[2].DimValue;
        var (read, _) = ImageInputReader.Read(network, new TeacherSettings { Mean = [0, 0, 0], Std = [1, 1, 1] });
        var input = read with
        {
            Spec = ImageInput.Pixels(side, side), Bgr = true, MeanImage = MeanImage(), From = $"built in, as {PreprocessingFile} does it",
        };
        var teacher = OnnxTeacher.Open(network, input, ModelOutputs.Of(network, new TeacherSettings(), null), [], options.Device);
        place.Hash = network.Hash;
        return new Teacher(place, Name, teacher)
        {
            Input = input.Spec,
            Notes = [$"The teacher '{Name}' was trained on the 1000 classes of ImageNet, dogs, birds and cars among them: of such images "
                + "it is no teacher of other classes."],
        };
    }

    /// <summary>What the package's own preprocessing takes from each pixel, blue before green before red.</summary>
    internal static float[] MeanImage() =>
        [.. Sound(Preprocessing, PreprocessingHash).Model.Graph.Initializer.Single(tensor => tensor.Name == "MeanImage").FloatData];

    private static OnnxFile Sound(string path, string hash)
    {
        if (FileHash.Of(path) != hash) throw new InputException($"'{path}' isn't the file of the package: delete it, and {HowToGet}.");
        return OnnxFile.Read(path);
    }
}
