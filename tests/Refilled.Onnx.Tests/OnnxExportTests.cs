using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Onnx.Tests;

public sealed class OnnxExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("wrn-10-1")]
    [InlineData("wrn-16-2")]
    [InlineData("resnet-8")]
    [InlineData("mobilenet-0.25")]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    [InlineData("refilled-wrn-10-1")]
    [InlineData("resnet-18")]
    [InlineData("mobilenet-v2-0.35")]
    [InlineData("mobilenet-v3-small")]
    public void An_exported_network_answers_as_the_network_does(string name)
    {
        Processor.MustCompute(name);
        using var scope = NewDisposeScope();
        var (trained, images) = Trained(name, 32);
        var difference = OnnxExport.Save(folder["student.onnx"], trained, images);
        Assert.InRange(difference, 0, 1e-4);

        using var exported = new OnnxNetwork(folder["student.onnx"], threads: 1);
        Assert.Equal(trained.ClassNames, exported.ClassNames);
        // Another batch than it was compared on, and the other outputs.
        var one = images[TensorIndex.Slice(1, 2)].contiguous();
        var signals = trained.Network.Observe(one, Needs.Embedding | Needs.Logits);
        var pixels = one.data<byte>().ToArray();
        Near(signals.Embedding.data<float>().ToArray(), exported.Run(pixels, [1, 3, 32, 32], "embedding"));
        Near(signals.Logits.softmax(1).data<float>().ToArray(), exported.Run(pixels, [1, 3, 32, 32], "probabilities"));
    }

    [Fact]
    public void Logits_are_divided_by_the_temperature_before_they_are_probabilities()
    {
        using var scope = NewDisposeScope();
        var (trained, images) = Trained("wrn-10-1", 32);
        OnnxExport.Save(folder["student.onnx"], trained, images, new OnnxExportOptions { Temperature = 2.5 });
        using var exported = new OnnxNetwork(folder["student.onnx"], threads: 1);
        var expected = nn.functional.softmax(trained.Network.Observe(images, Needs.Logits).Logits.Over(2.5), 1);
        Near(expected.data<float>().ToArray(), exported.Run(images.data<byte>().ToArray(), [4, 3, 32, 32], "probabilities"));
    }

    [Theory]
    [InlineData(32, 40, 61)]
    [InlineData(32, 95, 33)]
    [InlineData(32, 20, 25)]
    [InlineData(84, 201, 150)]
    public void Images_of_any_size_are_seen_as_evaluation_sees_them(int size, int height, int width)
    {
        using var scope = NewDisposeScope();
        var (trained, _) = Trained("mobilenet-0.25", size);
        // A file on disk, as evaluate reads it, and its pixels, as a program has them.
        foreach (var name in (string[])["a", "b"]) Directory.CreateDirectory(folder["photos", name]);
        var pixels = Smooth(height, width);
        Write(folder["photos", "a", "one.png"], pixels, height, width);
        Write(folder["photos", "a", "two.png"], pixels, height, width);
        Write(folder["photos", "b", "one.png"], pixels, height, width);
        Write(folder["photos", "b", "two.png"], pixels, height, width);
        var data = DataCatalog.Load($"folder:{folder["photos"]}", new DataOptions { ImageSize = size });
        var drawn = new byte[3 * size * size];
        data.Train.Store.Draw(new View(0, data.Train.SampleIds[0], View.Evaluation), drawn);
        using var views = tensor(drawn, [1, 3, size, size]);

        OnnxExport.Save(folder["student.onnx"], trained, views, new OnnxExportOptions { Input = OnnxInput.AnySize });
        using var exported = new OnnxNetwork(folder["student.onnx"], threads: 1);
        var expected = trained.Network.Observe(views, Needs.Embedding).Embedding.data<float>().ToArray();
        var found = exported.Run(pixels, [1, 3, height, width], "embedding");
        // The fixed-point resampler and ONNX Runtime's differ by a rounded pixel here and there.
        var largest = expected.Max(Math.Abs);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / largest, 0, 0.02);
    }

    [Fact]
    public void What_is_no_export_of_ours_is_said()
    {
        Assert.Contains("no file", Assert.Throws<InputException>(() => new OnnxNetwork(folder["none.onnx"])).Message,
            StringComparison.Ordinal);
        var file = folder.Write("text.onnx", "not a model");
        Assert.Contains("can't be opened as ONNX", Assert.Throws<InputException>(() => new OnnxNetwork(file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_can_not_be_written_is_said()
    {
        using var scope = NewDisposeScope();
        var (trained, images) = Trained("wrn-10-1", 32);
        var blocked = folder.Write("file", "");
        Assert.Contains("can't be written", Assert.Throws<InputException>(
            () => OnnxExport.Save(Path.Combine(blocked, "student.onnx"), trained, images)).Message, StringComparison.Ordinal);
    }

    /// <summary>A network with running statistics of its own, and images.</summary>
    private static (TrainedNetwork Trained, Tensor Images) Trained(string name, int size)
    {
        var network = NetworkCatalog.Create(name,
            new NetworkOptions(5) { Input = InputSpec.Square(size, ChannelStatistics.ImageNet), Dropout = 0.3, Seed = 2 });
        var images = randint(256, [4, 3, size, size], ScalarType.Byte, generator: new Generator(1));
        network.train();
        network.Observe(images, Needs.Embedding);
        network.eval();
        return (new TrainedNetwork(network, ["a", "b", "c", "d", "e"]), images);
    }

    private static byte[] Smooth(int height, int width)
    {
        var pixels = new byte[3 * height * width];
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    pixels[(c * height + y) * width + x] = (byte)(127 + 100 * Math.Sin(0.11 * (x + c) + 0.07 * y * (c + 1)));
        return pixels;
    }

    private static void Write(string path, byte[] planes, int height, int width)
    {
        using var bitmap = new SkiaSharp.SKBitmap(new SkiaSharp.SKImageInfo(width, height, SkiaSharp.SKColorType.Rgba8888,
            SkiaSharp.SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new SkiaSharp.SKColor(planes[y * width + x], planes[(height + y) * width + x],
                    planes[(2 * height + y) * width + x]));
        using var file = File.Create(path);
        bitmap.Encode(file, SkiaSharp.SKEncodedImageFormat.Png, 100);
    }

    private static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4 * largest);
    }
}
