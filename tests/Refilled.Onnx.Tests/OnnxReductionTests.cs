using Refilled.Data;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Onnx.Tests;

public sealed class OnnxReductionTests : IDisposable
{
    private const int Size = 32, Images = 24;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("wrn-10-1", Int8Form.Qdq, 0.45)]
    [InlineData("wrn-10-1", Int8Form.QOperator, 0.45)]
    [InlineData("resnet-8", Int8Form.Qdq, 0.45)]
    [InlineData("mobilenet-0.25", Int8Form.Qdq, 0.45)]
    [InlineData("mobilenet-0.25", Int8Form.QOperator, 0.45)]
    [InlineData("convnet-4", Int8Form.Qdq, 0.35)]
    [InlineData("resnet-12-0.25", Int8Form.QOperator, 0.35)]
    public void In_int8_a_network_is_smaller_and_answers_nearly_the_same(string name, Int8Form form, double size)
    {
        Processor.MustCompute(name);
        using var scope = NewDisposeScope();
        var images = Exported(name);
        OnnxReduction.Int8(folder["student.onnx"], folder["small.onnx"], images, form, TestContext.Current.CancellationToken);
        Assert.InRange(new FileInfo(folder["small.onnx"]).Length, 1, size * new FileInfo(folder["student.onnx"]).Length + 20_000);
        Assert.InRange(Likeness(images), 0.98, 1);
        // What was smaller alone would do as well.
        Assert.True(Likeness(images) < 1 - 1e-9, "nothing was rounded");
    }

    [Theory]
    [InlineData("wrn-10-1")]
    [InlineData("mobilenet-0.25")]
    public void In_fp16_a_network_has_half_the_size(string name)
    {
        using var scope = NewDisposeScope();
        var images = Exported(name);
        OnnxReduction.Half(folder["student.onnx"], folder["small.onnx"]);
        Assert.InRange(new FileInfo(folder["small.onnx"]).Length, 1, 0.55 * new FileInfo(folder["student.onnx"]).Length + 5_000);
        Assert.InRange(Likeness(images), 0.9999, 1);
    }

    [Fact]
    public void Ranges_leave_out_a_few_outliers_and_hold_zero()
    {
        using var scope = NewDisposeScope();
        var images = Exported("wrn-10-1");
        var quantiser = new Quantiser(global::Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["student.onnx"])));
        var ranges = ActivationRanges.Of(
            quantiser.Plain, quantiser.Rounded, images, [3, Size, Size], TestContext.Current.CancellationToken);
        Assert.Contains(InputGraph.Normalised, ranges.Keys);
        Assert.All(ranges.Values, range => Assert.True(range.Low <= 0 && range.High >= 0 && range.High > range.Low, $"{range}"));
        Assert.Throws<ArgumentException>(() => OnnxReduction.Int8(folder["student.onnx"], folder["small.onnx"], []));
    }

    /// <summary>Exports a network with statistics of its own, and gives images.</summary>
    private List<byte[]> Exported(string name)
    {
        var network = NetworkCatalog.Create(name,
            new NetworkOptions(5) { Input = InputSpec.Square(Size, ChannelStatistics.ImageNet), Seed = 2 });
        var images = randint(256, [Images, 3, Size, Size], ScalarType.Byte, generator: new Generator(1));
        network.train();
        for (var i = 0; i < 3; i++) network.Observe(images, Needs.Embedding);
        network.eval();
        OnnxExport.Save(folder["student.onnx"], new TrainedNetwork(network, ["a", "b", "c", "d", "e"]), images);
        return [.. images.data<byte>().ToArray().Chunk(3 * Size * Size)];
    }

    /// <summary>The mean cosine between the two networks' embeddings of the images.</summary>
    private double Likeness(List<byte[]> images)
    {
        using var plain = new OnnxNetwork(folder["student.onnx"], threads: 1);
        using var small = new OnnxNetwork(folder["small.onnx"], threads: 1);
        return images.Average(image =>
        {
            var one = plain.Run(image, [1, 3, Size, Size], "embedding");
            var other = small.Run(image, [1, 3, Size, Size], "embedding");
            double Product(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
            return Product(one, other) / Math.Sqrt(Product(one, one) * Product(other, other));
        });
    }
}
