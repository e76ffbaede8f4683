using Google.Protobuf;
using global::Onnx;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using Refilled.Tests.Support;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>Broken and malicious files are refused by our own code, before ONNX Runtime sees them.</summary>
public sealed class HostileOnnxTests : IDisposable
{
    /// <summary>What is done to a sound model, and a part of what is said of it.</summary>
    private static readonly Dictionary<string, (Action<ModelProto> Do, string Said)> Changes = new()
    {
        ["no graph"] = (model => model.Graph = null, "It holds no graph"),
        ["an empty graph"] = (model => model.Graph.Node.Clear(), "It holds no graph"),
        ["no version"] = (model => model.IrVersion = 0, "has the version 0"),
        ["a version far off"] = (model => model.IrVersion = 4000, "has the version 4000"),
        ["no operators"] = (model => model.OpsetImport.Clear(), "which operators it means"),
        ["a negative version of operators"] = (model => model.OpsetImport[0].Version = -5, "the version -5"),
        ["operators of nobody"] = (model => model.Graph.Node[0].Domain = "evil.example", "'evil.example'"),
        ["a node that does nothing"] = (model => model.Graph.Node[1].OpType = "", "doesn't say what it does"),
        ["no outputs"] = (model => model.Graph.Output.Clear(), "has no output"),
        ["an output that nothing makes"] = (model => model.Graph.Output[0].Name = "other", "nothing makes its output 'other'"),
        ["an input that nothing makes"] = (model => model.Graph.Node[1].Input[0] = "ghost", "reads 'ghost'"),
        ["a circle"] = (model => model.Graph.Node[0].Input[0] = "active", "in a circle"),
        ["a node that reads itself"] = (model => model.Graph.Node[1].Input[0] = "active", "in a circle"),
        ["a name made twice"] = (model => model.Graph.Node[1].Output[0] = "map", "'map' is made twice"),
        ["a tensor of an input's name twice"] = (model => model.Graph.Initializer.Add(model.Graph.Initializer[0]), "taken or none"),
        ["a tensor without a name"] = (model => model.Graph.Initializer[0].Name = "", "taken or none"),
        ["two inputs of one name"] = (model => model.Graph.Input.Add(model.Graph.Input[0]), "two of its inputs are called 'x'"),
        ["no input"] = (model => model.Graph.Input.Clear(), "reads 'x', which nothing makes"),
        ["fewer bytes than its shape"] = (model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[8]), "holds 8 bytes"),
        ["more bytes than its shape"] = (model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[4096]),
            "holds 4096 bytes"),
        ["a giant shape"] = (model => model.Graph.Initializer[0].Dims[0] = long.MaxValue, "claims more than"),
        ["a shape that overflows"] = (model => model.Graph.Initializer[0].Dims.Add([1L << 32, 1L << 32]), "claims more than"),
        ["a negative side"] = (model => model.Graph.Initializer[0].Dims[0] = -4, "a side of -4"),
        ["an unknown type"] = (model => model.Graph.Initializer[0].DataType = 77, "unknown type (77)"),
        ["no type"] = (model => model.Graph.Initializer[0].DataType = 0, "unknown type (0)"),
        ["numbers twice"] = (model => model.Graph.Initializer[0].FloatData.Add(1), "holds its numbers twice"),
        ["too few numbers"] = (model => { model.Graph.Initializer[0].RawData =
            ByteString.Empty; model.Graph.Initializer[0].FloatData.Add(1); },
            "holds 1 numbers"),
        ["texts for numbers"] = (model => model.Graph.Initializer[0].DataType = (int)DataType.String, "texts"),
        ["a piece of a tensor"] = (model => model.Graph.Initializer[0].Segment = new TensorProto.Types.Segment { Begin = 0, End = 1 << 30 },
            "a piece of a tensor"),
        ["a lying constant"] = (model => Attribute(model).T = new TensorProto { DataType = (int)DataType.Float, Dims = { 1L << 20 } },
            "holds 0 numbers"),
        ["a lying list of constants"] = (model => Attribute(model).Tensors.Add(new TensorProto { DataType = 1, Dims = { 5 } }),
            "holds 0 numbers"),
        ["a sparse tensor without places"] = (model => model.Graph.SparseInitializer.Add(new SparseTensorProto { Dims = { 3 } }),
            "no values or no places"),
        ["a sparse tensor with too many values"] = (model => model.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Dims = { 1 }, Values = Tensor("sparse", 4), Indices = new TensorProto { DataType = (int)DataType.Int64, Dims = { 0 } },
        }), "more values than places"),
        ["graphs without end"] = (model => Nest(model.Graph, 12), "deep in each other"),
        ["a graph within that reads a ghost"] = (model => Attribute(model).G = Inner("ghost"), "reads 'ghost'"),
        ["nodes without end"] = (model => model.Graph.Node.Add(Enumerable.Range(0, 100_001).Select(i =>
            new NodeProto { OpType = "Relu", Input = { "x" }, Output = { $"more-{i}" } })), "more than 100000 nodes"),
        ["a function that reads a ghost"] = (model => model.Functions.Add(new FunctionProto
            { Name = "f", Domain = "own", Node = { new NodeProto { OpType = "Relu", Input = { "ghost" }, Output = { "y" } } } }),
                "reads 'ghost'"),
        ["data in a missing file"] = (model => External(model, "weights.bin"), "which is missing"),
        ["data in a folder above"] = (model => External(model, "../weights.bin"), "outside of the model's folder"),
        ["data anywhere"] = (model => External(model, "/etc/passwd"), "outside of the model's folder"),
        ["data behind a folder and back"] = (model => External(model, "a/../../weights.bin"), "outside of the model's folder"),
        ["data nowhere"] = (model => External(model, ""), "doesn't say in which"),
        ["data behind a link"] = (model => External(model, "link.bin"), "outside of the model's folder"),
        ["data that end too soon"] = (model => External(model, "short.bin"), "behind the end"),
        ["data of a lying length"] = (model => External(model, "short.bin", ("length", "99999999999")), "takes 99999999999 bytes"),
        ["data at a place that is no number"] = (model => External(model, "short.bin", ("offset", "-1")), "is '-1'"),
        ["data behind all numbers"] = (model => External(model, "short.bin", ("offset", "9223372036854775807")), "behind the end"),
        ["an image without end"] = (model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue = 1L << 40, "is ["),
        ["an image of negative size"] = (model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue = -8, "is ["),
        ["an input of no type"] = (model => model.Graph.Input[0].Type = null, "is no tensor"),
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Names() => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_is_one_message(string name)
    {
        var model = MadeUpModel.Usual();
        Refuses(model, null);
        var (change, said) = Changes[name];
        File.WriteAllBytes(folder["short.bin"], new byte[4]);
        File.WriteAllBytes(folder["other.bin"], new byte[4096]);
        File.CreateSymbolicLink(folder["link.bin"], folder["other.bin"]);
        change(model);
        Refuses(model, said);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void A_truncated_file_is_refused(double part)
    {
        var bytes = MadeUpModel.Usual().ToByteArray();
        Refuses(bytes[..(int)(bytes.Length * part)], "'");
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<html><body>404</body></html>", "no ONNX file: it is a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "no ONNX file: it is a pointer of git-lfs")]
    [InlineData("\u0008\u0008", "It holds no graph")]
    public void What_is_no_ONNX_is_refused(string text, string said) => Refuses(System.Text.Encoding.UTF8.GetBytes(text), said);

    [Fact]
    public void Messages_within_messages_without_end_are_refused()
    {
        // A graph within an attribute within a node, and so on.
        byte[] inner = [];
        for (var i = 0; i < 3000; i++) inner = Field(1, Field(5, Field(6, inner)));
        Refuses(Field(7, inner), "no ONNX file");

        static byte[] Field(int number, byte[] content)
        {
            using var stream = new MemoryStream();
            using (var output = new CodedOutputStream(stream, leaveOpen: true))
            {
                output.WriteTag(number, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(content));
            }
            return stream.ToArray();
        }
    }

    [Fact]
    public void Flipped_bytes_are_refused_or_read_and_never_end_the_process()
    {
        var bytes = MadeUpModel.Usual().ToByteArray();
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            var broken = bytes.ToArray();
            for (var flips = 0; flips < 3; flips++) broken[random.Next(broken.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["teacher.onnx"], broken);
            try
            {
                var file = OnnxFile.Read(folder["teacher.onnx"]);
                _ = ImageInputReader.Read(file, new TeacherSettings());
                _ = ModelOutputs.Of(file, new TeacherSettings(), null);
            }
            catch (InputException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100, 1999);
    }

    [Fact]
    public void Data_in_a_file_beside_it_are_read()
    {
        var (plain, apart) = (MadeUpModel.Usual(), MadeUpModel.Usual());
        Directory.CreateDirectory(folder["parts"]);
        File.WriteAllBytes(folder["parts", "weights.bin"], [1, 2, 3, 4, .. plain.Graph.Initializer[0].RawData]);
        External(apart, "parts/weights.bin", ("offset", "4"));
        apart.Graph.Initializer[0].RawData = ByteString.Empty;
        var read = OnnxFile.Read(apart.Write(folder));
        Assert.Equal(plain, read.Model);
        // What lies beside the model is a part of what it is.
        var before = read.Hash;
        File.WriteAllBytes(folder["parts", "weights.bin"], [1, 2, 3, 4, .. new byte[plain.Graph.Initializer[0].RawData.Length]]);
        Assert.NotEqual(before, OnnxFile.Read(folder["teacher.onnx"]).Hash);
    }

    private void Refuses(ModelProto model, string? said) => Refuses(model.ToByteArray(), said);

    private void Refuses(byte[] bytes, string? said)
    {
        File.WriteAllBytes(folder["teacher.onnx"], bytes);
        var format = new OnnxTeacherFormat(_ => Assert.Fail("the runtime would have seen it"));
        if (said is null)
        {
            Teacher.Find(folder["teacher.onnx"], formats: [format]);
            return;
        }
        var message = Assert.Throws<InputException>(() => Teacher.Find(folder["teacher.onnx"], formats: [format])).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("teacher.onnx'", message, StringComparison.Ordinal);
    }

    private static AttributeProto Attribute(ModelProto model)
    {
        model.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "value" });
        return model.Graph.Node[1].Attribute[^1];
    }

    private static TensorProto Tensor(string name, int numbers)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, Dims = { numbers } };
        tensor.FloatData.AddRange(new float[numbers]);
        return tensor;
    }

    private static GraphProto Inner(string reads) => new()
    {
        Node = { new NodeProto { OpType = "Relu", Input = { reads }, Output = { "inner" } } }, Output =
            { new ValueInfoProto { Name = "inner" } },
    };

    private static void Nest(GraphProto graph, int deep)
    {
        for (var i = 0; i < deep; i++)
        {
            var inner = Inner("x");
            graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = inner });
            graph = inner;
        }
    }

    private static void External(ModelProto model, string location, (string Key, string Value)? more = null)
    {
        var tensor = model.Graph.Initializer[0];
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        if (location.Length > 0) tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        if (more is { } entry) tensor.ExternalData.Add(new StringStringEntryProto { Key = entry.Key, Value = entry.Value });
    }
}
