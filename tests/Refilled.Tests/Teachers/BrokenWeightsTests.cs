using System.IO.Compression;
using System.Text;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>Files of weights that are broken or hostile are refused with one message each.</summary>
public sealed class BrokenWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Refused(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return Assert.Throws<InputException>(() =>
        {
            using var opened = Teacher.Open(Teacher.Find(folder[name]), new TeacherOptions(CPU, Precision.Fp32));
            _ = opened.Trained;
        }).Message;
    }

    /// <summary>A whole network of which one tensor is written otherwise: pickles of both forms, and what is said of them.</summary>
    private static readonly (string What, string Message, Action<TorchPickle> Tensor)[] Tensors =
    [
        ("a storage that claims fewer numbers than the tensor has", "has 256 numbers, but its storage has 255",
            p => Changed(p, q => q.Count = 255)),
        ("a storage that claims more numbers than the file has", "is truncated: its tensors take",
            p => Changed(p, q => q.Count = 1L << 40)),
        ("a storage that claims a negative count", "claims -5 numbers", p => Changed(p, q => q.Count = -5)),
        ("a storage that claims an impossible count", "claims 4611686018427387904 numbers", p => Changed(p, q => q.Count = 1L << 62)),
        ("a storage of an unknown type", "asks for 'torch.QUInt8Storage'", p => Changed(p, q => q.Storage = "torch\nQUInt8Storage")),
        ("a storage that is something else", "refers to something else than a storage", p => Changed(p, q => q.Storage = "torch\nSize")),
        ("an offset beyond the storage", "reaches beyond its 256 numbers", p => Changed(p, q => q.Offset = 1)),
        ("an offset far beyond", "reaches beyond", p => Changed(p, q => q.Offset = long.MaxValue)),
        ("a negative offset", "reaches beyond", p => Changed(p, q => q.Offset = -1)),
        ("strides beyond the storage", "reaches beyond", p => Changed(p, q => q.Strides = [64, 2])),
        ("negative strides", "no whole number of at least 0", p => Changed(p, q => q.Strides = [-64, 1])),
        ("strides without end", "absurd shape", p => Changed(p, q => q.Strides = [long.MaxValue, 1])),
        ("one number that stands for very many", "but its storage has 256",
            p => Changed(p, q => (q.Shape, q.Strides) = ([1L << 20, 1L << 20], [0, 0]))),
        ("a shape without end", "absurd shape", p => Changed(p, q => (q.Shape, q.Strides) = ([1L << 40, 1L << 40], [0, 0]))),
        ("an empty shape without end", "absurd shape", p => Changed(p, q => (q.Shape, q.Strides) = ([0, 1L << 40, 1L << 40], [0, 0, 0]))),
        ("more sizes than strides", "2 sizes and 1 strides", p => Changed(p, q => q.Strides = [1])),
        ("too many dimensions", "65 sizes and 65 strides",
            p => Changed(p, q => q.Strides = q.Shape = [.. Enumerable.Repeat(1L, 65)])),
        ("a size that is a text", "no whole number", p => p.Global("torch._utils", "_rebuild_tensor_v2").Plain("(").Id("0", 256).Number(0)
            .Plain("(").Text("4").Plain("t(").Number(1).Plain("t").Raw(0x89).Plain("NtR")),
        ("a call of the system", "asks for 'posix.system'", p => p.Global("posix", "system").Plain("(").Text("touch /tmp/x").Plain("tR")),
        ("a call of eval", "asks for 'builtins.eval'", p => p.Global("builtins", "eval").Plain("(").Text("1").Plain("tR")),
        ("a call of torch.load's inner workings", "asks for 'torch.storage._load_from_bytes'",
            p => p.Global("torch.storage", "_load_from_bytes").Plain("(NtR")),
        ("a name by parts", "asks for 'os.system'", p => p.Text("os").Text("system").Raw(0x93).Plain("(tR")),
        ("an object by its class", "the instruction 0x81", p => p.Global("collections", "OrderedDict").Plain(")").Raw(0x81)),
        ("an object by an old instruction", "the instruction 0x69", p => p.Plain("(ios\nsystem\n")),
        ("a call of something that is no function", "it calls something", p => p.Number(1).Plain(")R")),
        ("a call of a storage's type", "it calls something", p => p.Global("torch", "FloatStorage").Plain(")R")),
        ("a tensor made of nothing", "it calls something", p => p.Global("torch._utils", "_rebuild_tensor_v2").Plain(")R")),
        ("an id in words", "the instruction 0x50", p => p.Plain("Pstorage\n")),
        ("an id of no storage", "refers to something else than a storage", p => p.Plain("(").Text("file").Text("/etc/passwd").Plain("tQ")),
        ("a module by its source", "holds a whole module",
            p => p.Plain("(").Text("module").Text("Net").Text("net.py").Text("code").Plain("tQ")),
        ("one of torch's modules", "can't be read without running its code. Save its weights alone",
            p => p.Global("torch.nn.modules.linear", "Linear").Plain(")").Raw(0x81)),
        ("a text longer than the file", "is truncated", p => p.Raw('X').Raw(255, 255, 255, 255)),
        ("a text of a negative length", "is truncated", p => p.Raw(0x8d).Raw(255, 255, 255, 255, 255, 255, 255, 255)),
        ("a reference to nothing", "what it never stored", p => p.Plain("h").Raw(200)),
        ("a state of a number", "not described as numpy does", p => p.Number(1).Plain("}b")),
        ("an end too early", "holds a single tensor", p => p.Tensor("0", 4, 64).Raw('.')),
    ];

    public static TheoryData<string> OfPickles => [.. Tensors.Select(one => one.What)];

    private static void Changed(TorchPickle pickle, Action<TorchPickle> change)
    {
        var (count, offset, storage, shape, strides) = (pickle.Count, pickle.Offset, pickle.Storage, pickle.Shape, pickle.Strides);
        change(pickle);
        pickle.Tensor("0", 4, 64);
        (pickle.Count, pickle.Offset, pickle.Storage, pickle.Shape, pickle.Strides) = (count, offset, storage, shape, strides);
    }

    /// <summary>The state of a small network whose classifier's weight is written by a function; its storage is the first.</summary>
    private static (byte[] Pickle, List<byte[]> Storages) State(
        Action<TorchPickle>? classifier = null, Action<Dictionary<string, Tensor>>? change = null)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("convnet-4", new NetworkOptions(4) { Seed = 1 });
        var state = network.state_dict().Where(pair => pair.Value.dtype == ScalarType.Float32)
            .OrderBy(pair => pair.Key == "fc.weight" ? 0 : 1).ToDictionary();
        change?.Invoke(state);
        var pickle = TorchPickle.Of(p => p.Dictionary([.. state.Index().Select(one => (one.Item.Key, (Action<TorchPickle>)(q =>
        {
            if (one.Item.Key == "fc.weight" && classifier is not null) classifier(q);
            else q.Tensor($"{one.Index}", one.Item.Value.shape);
        })))]));
        return (pickle, [.. state.Values.Select(TorchFiles.Bytes)]);
    }

    private static Dictionary<string, byte[]> Members(
        Action<TorchPickle>? classifier = null, Action<Dictionary<string, Tensor>>? change = null)
    {
        var (pickle, storages) = State(classifier, change);
        var members = new Dictionary<string, byte[]> { ["w/data.pkl"] = pickle };
        foreach (var (place, storage) in storages.Index()) members[$"w/data/{place}"] = storage;
        return members;
    }

    [Fact]
    public void Nothing_is_wrong_with_what_is_changed_here()
    {
        File.WriteAllBytes(folder["w.pth"], TorchFiles.Zip(Members()));
        using (var opened = Teacher.Open(Teacher.Find(folder["w.pth"]), new TeacherOptions(CPU, Precision.Fp32)))
            Assert.Equal("convnet-4", opened.Name);
        var (pickle, storages) = State();
        File.WriteAllBytes(folder["old.pth"], TorchFiles.Legacy(pickle, storages));
        using (var opened = Teacher.Open(Teacher.Find(folder["old.pth"]), new TeacherOptions(CPU, Precision.Fp32)))
            Assert.Equal("convnet-4", opened.Name);
    }

    [Theory]
    [MemberData(nameof(OfPickles))]
    public void A_pickle_in_a_zip_is_refused_for(string what)
    {
        var (_, message, tensor) = Array.Find(Tensors, one => one.What == what);
        Assert.Contains(message, Refused("w.pth", TorchFiles.Zip(Members(tensor))), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OfPickles))]
    public void A_pickle_of_the_old_form_is_refused_for(string what)
    {
        var (_, message, tensor) = Array.Find(Tensors, one => one.What == what);
        var (pickle, storages) = State(tensor);
        Assert.Contains(message, Refused("w.pth", TorchFiles.Legacy(pickle, storages)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_is_held_against_its_members()
    {
        void Says(string message, Action<Dictionary<string, byte[]>> change, CompressionLevel packed = CompressionLevel.NoCompression)
        {
            var members = Members();
            change(members);
            Assert.Contains(message, Refused("w.pth", TorchFiles.Zip(members, packed)), StringComparison.Ordinal);
        }
        Says("a zip archive, but not of PyTorch's", members => members.Remove("w/data.pkl"));
        Says("the storage '3' of its tensors is missing", members => members.Remove("w/data/3"));
        Says("the storage '0' should have 1024 bytes and has 1023", members => members["w/data/0"] = members["w/data/0"][..^1]);
        Says("the storage '0' should have 1024 bytes and has 1028", members => members["w/data/0"] = [.. members["w/data/0"], 0, 0, 0, 0]);
        Says("begin with the large end", members => members["w/byteorder"] = "big"u8.ToArray());
        Says("is packed", _ => { }, CompressionLevel.Optimal);
        Says("is truncated", members => members["w/data.pkl"] = members["w/data.pkl"][..^9]);
        Says("is truncated", members => members["w/data.pkl"] = []);
        Says("holds no weights", members => members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary(("epoch", v => v.Number(3)))));
        Says("holds no weights", members => members["w/data.pkl"] = TorchPickle.Of(p => p.Raw('N')));
        Says("holds a single tensor", members => members["w/data.pkl"] = TorchPickle.Of(p => p.Tensor("0", 4, 64)));
        Says("It seems to hold a whole module, which can't be read without running its code", members =>
            members["w/data.pkl"] = TorchPickle.Of(p => p.Global("__main__", "Net").Plain(")").Raw(0x81)));
        Says("It seems to hold a whole module", members =>
            members["w/data.pkl"] = TorchPickle.Of(p => p.Global("torchvision.models.resnet", "ResNet").Plain(")").Raw(0x81)));
        Says("Save the weights alone", members => members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary(
            ("state_dict", v => v.Tensor("0", 4, 64)), ("args", v => v.Global("argparse", "Namespace").Plain(")").Raw(0x81)))));

        var whole = TorchFiles.Zip(Members());
        foreach (var length in new[] { 0, 1, 4, 5000, whole.Length / 2, whole.Length - 30, whole.Length - 1 })
            Assert.Contains("w.pth", Refused("w.pth", whole[..length]), StringComparison.Ordinal);
        Assert.Contains("end is missing", Refused("w.pth", whole[..5000]), StringComparison.Ordinal);
        var at = whole.AsSpan().IndexOf(Members()["w/data/0"].AsSpan(0, 64));
        whole[at + 5] ^= 1;
        Assert.Contains("the storage '0' has another checksum", Refused("w.pth", whole), StringComparison.Ordinal);
        Assert.Contains("two members called", Refused("w.pth", TorchFiles.Zip([.. Members(), new("w/data/0", new byte[1024])])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_the_old_form_are_held_against_what_they_claim()
    {
        var (pickle, storages) = State();
        void Says(string message, byte[] file) => Assert.Contains(message, Refused("w.pth", file), StringComparison.Ordinal);
        Says("doesn't begin as those do", TorchFiles.Legacy(pickle, storages, version: 1000));
        Says("begin with the large end", TorchFiles.Legacy(pickle, storages, little: false));
        Says("the storage '21' of its tensors is missing", TorchFiles.Legacy(pickle, storages[..^1]));
        Says("no tensor of it lies in the storage '22'", TorchFiles.Legacy(pickle, [.. storages, storages[0]]));
        Says("the storage '0' should have 256 numbers and claims 128", TorchFiles.Legacy(pickle, storages, bytesOfNumber: 8));
        Says("should have 256 numbers and claims 255", TorchFiles.Legacy(pickle, [storages[0][..^4], .. storages[1..]]));
        Says("holds a whole module", TorchFiles.Legacy(
            TorchPickle.Of(p => p.Plain("(").Text("module").Text("Net").Text("net.py").Text("code").Plain("tQ")), []));
        var whole = TorchFiles.Legacy(pickle, storages);
        foreach (var length in new[] { 20, 100, 300, 2000, whole.Length / 2, whole.Length - 1 })
            Says("truncated", whole[..length]);
    }

    [Fact]
    public void Many_tensors_of_one_storage_take_no_memory()
    {
        var members = Members();
        members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary([.. Enumerable.Range(0, 5000).Select(i =>
            ($"fc{i}.weight", (Action<TorchPickle>)(q => q.Tensor("0", 4, 64))))]));
        Assert.Contains("its tensors have 1280000 numbers, but what they lie in has 256", Refused("w.pth", TorchFiles.Zip(members)),
            StringComparison.Ordinal);
        members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary(("a", v => v.Tensor("0", 4, 64)), ("b", v => v.Tensor("0", 4, 32))));
        Assert.Contains("the storage '0' has two sizes or types", Refused("w.pth", TorchFiles.Zip(members)), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nests_and_circles_are_no_matter()
    {
        var members = Members();
        members["w/data.pkl"] = TorchPickle.Of(p =>
        {
            for (var i = 0; i < 100_000; i++) p.Plain("}").Text("a");
            p.Raw('N');
            for (var i = 0; i < 100_000; i++) p.Raw('s');
        });
        Assert.Contains("holds no weights", Refused("w.pth", TorchFiles.Zip(members)), StringComparison.Ordinal);
        members["w/data.pkl"] = TorchPickle.Of(p => p.Plain("}q").Raw(0).Text("self").Plain("h").Raw(0).Raw('s'));
        Assert.Contains("holds no weights", Refused("w.pth", TorchFiles.Zip(members)), StringComparison.Ordinal);
        members["w/data.pkl"] = TorchPickle.Of(p =>
        {
            // Each dictionary holds the one before in 50 places.
            p.Plain("}q").Raw(0);
            for (var i = 0; i < 200; i++)
            {
                p.Plain("}(");
                for (var k = 0; k < 50; k++) p.Text($"{k}").Plain("h").Raw((byte)i);
                p.Plain("uq").Raw((byte)(i + 1));
            }
        });
        Assert.Contains("holds no weights", Refused("w.pth", TorchFiles.Zip(members)), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused()
    {
        var file = TorchFiles.Zip(Members(change: state =>
            state["blocks.0.conv.weight"] = state["blocks.0.conv.weight"].Times(double.NaN)));
        Assert.Contains("the tensor 'blocks.0.conv.weight' holds numbers that are NaN or infinite", Refused("w.pth", file),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_fit_no_network_are_told_with_the_way_out()
    {
        string Of(Action<Dictionary<string, Tensor>> change) => Refused("w.pth", TorchFiles.Zip(Members(change: change)));
        var strange = Of(state =>
        {
            state.Clear();
            state["encoder.0.weight"] = ones(8, 8);
        });
        Assert.Contains("has the weights of no network of the catalogue: it holds 1 tensors, 0.weight [8, 8]", strange,
            StringComparison.Ordinal);
        Assert.Contains("name it: '", strange, StringComparison.Ordinal);
        Assert.Contains("'w.teacher.yaml' beside it. Else export it to ONNX or TorchScript.", strange, StringComparison.Ordinal);
        Assert.Contains("its classifier, 'fc.weight', is [4, 64, 1, 1]; expected [classes, embedding]",
            Of(state => state["fc.weight"] = ones(4, 64, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("w.teacher.yaml' names 2 classes, but the classifier",
            Of(_ => folder.Write("w.teacher.yaml", "classes: [a, b]")), StringComparison.Ordinal);
    }

    /// <summary>Tables of contents that lie, behind a length that is theirs.</summary>
    [Theory]
    [InlineData("", "is truncated")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "no JSON")]
    [InlineData("{]", "no JSON")]
    [InlineData("null", "no JSON object")]
    [InlineData("\"x\"", "no JSON object")]
    [InlineData("{\"x\":1}", "'x' is no object")]
    [InlineData("{\"x\":{}}", "unknown dtype ''")]
    [InlineData("{\"x\":{\"dtype\":\"F32\"}}", "no list 'shape'")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", "no list 'data_offsets'")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", "no list 'shape'")]
    [InlineData("{\"x\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}", "unknown dtype 'F8_E4M3'")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", "takes 4 bytes by dtype and shape, but 8")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "takes 12 bytes by dtype and shape, but 8")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "must be begin and end")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "must be begin and end")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", "must be begin and end")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", "at least 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "at least 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}", "at least 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", "at least 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1e99],\"data_offsets\":[0,8]}}", "at least 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", "absurd shape")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[0,9223372036854775807,2],\"data_offsets\":[0,0]}}", "absurd shape")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[250000000000],\"data_offsets\":[0,1000000000000]}}", "but the file has 8 for them")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at 4")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "take 4 bytes, but the file has 8")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "begins at 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        + "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "'x' stands twice")]
    [InlineData("{\"__metadata__\":{\"format\":3},\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "is no text")]
    [InlineData("{\"__metadata__\":{\"format\":\"pt\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "no network of the catalogue: it holds 1 tensors, x [2]")]
    [InlineData("{\"__metadata__\":{\"format\":\"refilled-signals/1\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "no network file of Refilled")]
    public void A_safetensors_file_is_held_against_its_header(string header, string message)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = header.Length == 0 ? new byte[4] : [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[8]];
        Assert.Contains(message, Refused("w.safetensors", file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_safetensors_header_longer_than_its_file_is_told_by_both()
    {
        var file = (byte[])[.. BitConverter.GetBytes(5000L), .. "{\"x\":{\"dtype\":\"F32\""u8];
        Assert.Contains("its header claims 5000 bytes, and the file has 27", Refused("w.safetensors", file), StringComparison.Ordinal);
    }
}
