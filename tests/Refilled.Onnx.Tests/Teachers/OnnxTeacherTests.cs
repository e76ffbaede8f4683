using global::Onnx;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>Networks of other frameworks as teachers.</summary>
public sealed class OnnxTeacherTests : IDisposable
{
    private static readonly TeacherOptions Options = new(CPU, Precision.Fp32);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_of_PyTorch_gives_what_PyTorch_gave()
    {
        using var scope = NewDisposeScope();
        var path = Repository.Shared("fixtures", "pytorch", "mobilenet_v2-0.35.onnx");
        using var expected = Safetensors.Read(Repository.Shared("fixtures", "pytorch", "mobilenet_v2-0.35.expected.safetensors"));
        var file = OnnxFile.Read(path);
        var (input, notes) = ImageInputReader.Read(file, new TeacherSettings());
        Assert.Equal(("images", 64, false), (input.Name, input.Spec.Height, input.ChannelsLast));
        Assert.Contains("ImageNet's mean and deviation", Assert.Single(notes), StringComparison.Ordinal);
        using var runner = ModelRunner.Open(file, input, "embedding", "logits");
        var images = expected.Tensors["images"];
        var numbers = images.data<float>().ToArray();
        var found = runner.Run((int)images.shape[0],
            (first, target) => numbers.AsSpan(first * input.Length, target.Length).CopyTo(target), threads: 2);
        Near(expected.Tensors["embedding"].data<float>().ToArray(), found[0].Rows());
        Near(expected.Tensors["logits"].data<float>().ToArray(), found[1].Rows());
    }

    [Fact]
    public void By_default_the_embedding_is_what_the_last_linear_layer_reads()
    {
        using var scope = NewDisposeScope();
        using var opened = Open(MadeUpModel.Usual());
        var teacher = (OnnxTeacher)opened.Teach();
        Assert.Equal(("pooled", "the input of the last Gemm", 4), (teacher.Outputs.Embedding, teacher.Outputs.From, teacher.EmbeddingSize));
        Assert.Equal((Needs.Embedding, "teacher", false), (teacher.Provides, opened.Name, opened.IsNetwork));
        // As the images' mean and deviation are not known, those of ImageNet.
        var images = Images(5);
        var seen = InputSpec.Square(MadeUpModel.Size, ChannelStatistics.ImageNet).Apply(images, CPU, Layout.Nchw);
        var map = nn.functional.conv2d(seen, tensor(MadeUpModel.Numbers(4 * 27, 1), [4, 3, 3, 3]), padding: [1L, 1L]);
        Near(map.relu().mean([2, 3]).data<float>().ToArray(), teacher.Observe(images, Needs.Embedding).Embedding.data<float>().ToArray());
    }

    [Theory]
    [InlineData("map")]
    [InlineData("active")]
    [InlineData("average")]
    [InlineData("scores")]
    public void Another_tensor_can_be_named_and_a_map_is_pooled(string name)
    {
        using var scope = NewDisposeScope();
        var path = MadeUpModel.Usual().Write(folder);
        using var opened = Opened($"{path}#{name}");
        using var usual = Opened(path);
        var images = Images(3);
        var found = opened.Teach().Observe(images, Needs.Embedding).Embedding;
        Assert.Equal([3, name == "scores" ? 3 : 4], found.shape);
        Assert.True(found.std(dim: 0, unbiased: false).max().item<float>() > 1e-4);
        var pooled = usual.Teach().Observe(images, Needs.Embedding).Embedding;
        // The mean of a map over its places is what the pooling gives; before the activation it is another.
        Assert.Equal(name is "active" or "average", (found.shape[1] == 4) && found.allclose(pooled, 1e-4, 1e-5));
        Assert.NotEqual(usual.Teach().Fingerprint, opened.Teach().Fingerprint);
        Assert.NotEqual(usual.Place.Hash, opened.Place.Hash);
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_told_with_the_nearest_one()
    {
        var path = MadeUpModel.Usual().Write(folder);
        var message = Assert.Throws<InputException>(() => Teacher.Find($"{path}#poled", formats: [new OnnxTeacherFormat()])).Message;
        Assert.Contains("has no tensor 'poled'. Did you mean 'pooled'?", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_beside_it_says_what_the_model_does_not()
    {
        using var scope = NewDisposeScope();
        var path = MadeUpModel.Usual().Write(folder);
        folder.Write("teacher.onnx.teacher.yaml",
            "mean: [0, 0, 0]\nstd: [1, 1, 1]\nchannels: bgr\nclasses: [a, b, c]\nembedding: average\n");
        using var opened = Opened(path);
        var teacher = (OnnxTeacher)opened.Teach();
        Assert.Empty(opened.Notes);
        Assert.Equal((Needs.Embedding | Needs.Logits, "average", "scores"),
            (teacher.Provides, teacher.Outputs.Embedding, teacher.Outputs.Logits));
        Assert.Equal(["a", "b", "c"], opened.ClassNames);
        var images = Images(2);
        var seen = images.flip(1).to(ScalarType.Float32).Over(255);
        var map = nn.functional.conv2d(seen, tensor(MadeUpModel.Numbers(4 * 27, 1), [4, 3, 3, 3]), padding: [1L, 1L]).relu().mean([2, 3]);
        var logits = map.matmul(tensor(MadeUpModel.Numbers(12, 2), [4, 3]));
        Near(logits.data<float>().ToArray(), teacher.Observe(images, Needs.Logits).Logits.data<float>().ToArray());
        // It decides the answers, and so what a run was begun with.
        Assert.NotEqual(OnnxFile.Read(path).Hash, opened.Place.Hash);

        folder.Write("teacher.onnx.teacher.yaml", "classes: [a, b]\n");
        Assert.Contains("has 3 numbers, and 2 classes are named", Refused(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sub", 110f, "Div", 58f, "0 to 255")]
    [InlineData("Div", 255f, "Sub", 0.45f, "0 to 255")]
    [InlineData("Sub", 0.5f, "Div", 0.25f, "0 to 1, ")]
    [InlineData("Mul", 2f, "Add", -1f, "0 to 1, ")]
    public void The_first_nodes_show_which_pixels_are_wanted(string first, float a, string second, float b, string expected)
    {
        var model = MadeUpModel.Usual(before: graph => graph.Add(second,
            [graph.Add(first, ["x", graph.Constant("a", [a], 1)]), graph.Constant("b", [b], 1)]));
        using var opened = Open(model);
        Assert.Contains(expected, ((OnnxTeacher)opened.Teach()).Input.ToString(), StringComparison.Ordinal);
        Assert.Empty(opened.Notes);
    }

    [Fact]
    public void Channels_may_come_last()
    {
        using var scope = NewDisposeScope();
        var graph = MadeUpModel.Usual(before: graph => graph.Add("Transpose", ["x"], null, GraphWriter.Attribute("perm", 0, 3, 1, 2)));
        var sides = graph.Graph.Input[0].Type.TensorType.Shape.Dim;
        (sides[1].DimValue, sides[3].DimValue) = (MadeUpModel.Size, 3);
        using var last = Open(graph);
        using var first = Open(MadeUpModel.Usual(), "first.onnx");
        Assert.True(((OnnxTeacher)last.Teach()).Input.ChannelsLast);
        var images = Images(3);
        Near(first.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray(),
            last.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_fixed_number_of_images_is_opened_up(int batch)
    {
        using var scope = NewDisposeScope();
        using var any = Open(MadeUpModel.Usual(), "any.onnx");
        // The shape that is reshaped to begins with it, too.
        using var opened = Open(MadeUpModel.Usual(batch, pooled: (graph, row) =>
            graph.Add("Reshape", [row, graph.Whole(batch, MadeUpModel.Channels)], "pooled")));
        Assert.True(((OnnxTeacher)opened.Teach()).TakesAny);
        var images = Images(5);
        Near(any.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray(),
            opened.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Where_it_can_not_be_opened_up_the_model_is_fed_as_it_was_exported(int batch)
    {
        using var scope = NewDisposeScope();
        using var any = Open(MadeUpModel.Usual(), "any.onnx");
        // All numbers in a row, and then as many rows as it was made for.
        using var opened = Open(MadeUpModel.Usual(batch, pooled: (graph, row) => graph.Add("Reshape",
            [graph.Add("Reshape", [row, graph.Whole(batch * MadeUpModel.Channels)]), graph.Whole(batch, MadeUpModel.Channels)], "pooled")));
        Assert.False(((OnnxTeacher)opened.Teach()).TakesAny);
        Assert.Contains(opened.Notes, note => note.Contains($"was exported for {batch} image", StringComparison.Ordinal));
        var images = Images(5);
        Near(any.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray(),
            opened.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray());
    }

    [Theory]
    [InlineData(OnnxInput.Pixels)]
    [InlineData(OnnxInput.AnySize)]
    public void An_export_of_ours_is_a_teacher_like_the_network_itself(OnnxInput kind)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(2) { Input = InputSpec.Cifar, Seed = 3 });
        var images = randint(256, [40, 3, 32, 32], ScalarType.Byte, generator: new Generator(1));
        network.eval();
        OnnxExport.Save(folder["student.onnx"], new TrainedNetwork(network, ["cat", "dog"]), images,
            new OnnxExportOptions { Input = kind });
        using var opened = Opened(folder["student.onnx"]);
        Assert.Equal(("wrn-10-1", Needs.Embedding | Needs.Logits), (opened.Name, opened.Teach().Provides));
        Assert.Equal(["cat", "dog"], opened.ClassNames);
        var (own, found) = (network.Observe(images, Needs.Embedding | Needs.Logits), opened.Teach()
            .Observe(images, Needs.Embedding | Needs.Logits));
        Near(own.Embedding.data<float>().ToArray(), found.Embedding.data<float>().ToArray());
        Near(own.Logits.data<float>().ToArray(), found.Logits.data<float>().ToArray());
    }

    [Fact]
    public void What_a_teacher_can_not_be_is_said()
    {
        var two = MadeUpModel.Usual();
        two.Graph.Input.Add(new ValueInfoProto { Name = "mask", Type = two.Graph.Input[0].Type });
        Assert.Contains("has 2 inputs, 'x', 'mask'", Refused(two), StringComparison.Ordinal);

        var odd = MadeUpModel.Usual(before: graph => graph.Add("Frobnicate", ["x"]));
        Assert.Contains("ONNX Runtime says: ", Refused(odd), StringComparison.Ordinal);

        var grey = MadeUpModel.Usual();
        grey.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 1;
        Assert.Contains("have 1 channels", Refused(grey), StringComparison.Ordinal);

        var whole = MadeUpModel.Usual();
        whole.Graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64;
        Assert.Contains("takes Int64", Refused(whole), StringComparison.Ordinal);

        var words = MadeUpModel.Usual();
        words.Graph.Input[0].Type.TensorType.Shape.Dim.RemoveAt(3);
        Assert.Contains("has 3 sides", Refused(words), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_stopped_within_a_batch()
    {
        using var scope = NewDisposeScope();
        using var opened = Open(MadeUpModel.Usual());
        var images = Images(40);
        using var labels = zeros([40], ScalarType.Int64);
        using var batch = new Batch(images, labels);
        using var stopped = new CancellationTokenSource();
        Assert.Equal(40, opened.Teach().Observe(batch, Needs.Embedding, stopped.Token).Embedding.shape[0]);
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => opened.Teach().Observe(batch, Needs.Embedding, stopped.Token));
    }

    [Fact]
    public void What_an_image_is_given_does_not_depend_on_the_threads_or_the_images_beside_it()
    {
        using var scope = NewDisposeScope();
        using var opened = Open(MadeUpModel.Usual());
        var images = Images(70);
        var threads = get_num_threads();
        try
        {
            var found = new[] { 1, 3 }.Select(count =>
            {
                set_num_threads(count);
                return opened.Teach().Observe(images, Needs.Embedding).Embedding.data<float>().ToArray();
            }).ToList();
            Assert.Equal(found[0], found[1]);
            var last = opened.Teach().Observe(images[TensorIndex.Slice(69)], Needs.Embedding).Embedding.data<float>().ToArray();
            Near(found[0][^last.Length..], last);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void It_is_opened_elsewhere_first()
    {
        var path = MadeUpModel.Usual().Write(folder);
        var asked = new List<string>();
        using (Teacher.Open(new NetworkPlace(path), Options,
            [new OnnxTeacherFormat(place => asked.Add(place.Path))])) Assert.Equal([path], asked);
        Assert.Equal("no", Assert.Throws<InputException>(
            () => Teacher.Open(new NetworkPlace(path), Options, [new OnnxTeacherFormat(_ => throw new InputException("no"))])).Message);
    }

    private Teacher Open(ModelProto model, string name = "teacher.onnx") => Opened(model.Write(folder, name));

    private static Teacher Opened(string path)
    {
        ITeacherFormat[] formats = [new OnnxTeacherFormat()];
        return Teacher.Open(Teacher.Find(path, formats: formats), Options, formats);
    }

    private string Refused(ModelProto model) => Refused(model.Write(folder));

    private static string Refused(string path) => Assert.Throws<InputException>(() => Opened(path).Dispose()).Message;

    private static Tensor Images(int count) =>
        randint(256, [count, 3, MadeUpModel.Size, MadeUpModel.Size], ScalarType.Byte, generator: new Generator(4));

    private static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4 * largest);
    }
}
