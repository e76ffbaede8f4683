using Refilled.Networks;
using Refilled.Onnx.Teachers;
using static TorchSharp.torch;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>What a model is given, made image by image.</summary>
public class ShownImagesTests
{
    /// <summary>Bit for bit what the engine makes of the batch as a whole, and so of networks of our own.</summary>
    [Theory]
    [InlineData(13, 9, false, false, false)]
    [InlineData(13, 9, true, true, true)]
    [InlineData(13, 9, false, true, false)]
    [InlineData(5, 4, true, false, true)]
    [InlineData(5, 4, false, true, true)]
    [InlineData(40, 33, true, false, false)]
    public void They_are_what_the_engine_makes_of_them(int height, int width, bool bgr, bool last, bool lessMean)
    {
        using var scope = NewDisposeScope();
        var spec = new InputSpec(13, 9, [0.5, 0.4, 0.3], [0.2, 0.25, 0.3]);
        var mean = rand(3, 13, 9, generator: new Generator(2));
        var input = new ImageInput("x", DataType.Float, null, spec)
            { Bgr = bgr, ChannelsLast = last, MeanImage = lessMean ? mean.data<float>().ToArray() : null };
        var images = randint(256, [7, 3, height, width], ScalarType.Byte, generator: new Generator(1));
        var expected = spec.Apply(bgr ? images.flip(1) : images, CPU, Layout.Nchw);
        if (lessMean) expected -= mean;
        if (last) expected = expected.permute(0, 2, 3, 1);
        var numbers = expected.contiguous().data<float>().ToArray();
        using var shown = new ShownImages(input, images);
        var all = new float[numbers.Length];
        shown.Write(0, all);
        Assert.Equal(numbers, all);
        var some = new float[2 * input.Length];
        shown.Write(4, some);
        Assert.Equal(numbers[(4 * input.Length)..(6 * input.Length)], some);
    }
}
