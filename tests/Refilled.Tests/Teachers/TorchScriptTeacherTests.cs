using System.IO.Compression;
using System.Text;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>TorchScript programs as teachers.</summary>
public sealed class TorchScriptTeacherTests : IDisposable
{
    private const string Fixture = "mobilenet_v2-0.35.torchscript";
    private static readonly TeacherOptions Options = new(CPU, Precision.Fp32);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Dictionary<string, byte[]> Members()
    {
        using var archive = ZipFile.OpenRead(Repository.Shared("fixtures", "pytorch", $"{Fixture}.pt"));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        });
    }

    /// <summary>The fixture with its main code changed.</summary>
    private string Written(Func<string, string> change) => Written(members =>
    {
        var code = $"{Fixture}/code/__torch__.py";
        var (before, after) = (Encoding.UTF8.GetString(members[code]), change(Encoding.UTF8.GetString(members[code])));
        Assert.NotEqual(before, after);
        members[code] = Encoding.UTF8.GetBytes(after);
    });

    private string Written(Action<Dictionary<string, byte[]>> change, CompressionLevel packed = CompressionLevel.NoCompression)
    {
        var members = Members();
        change(members);
        File.WriteAllBytes(folder["t.pt"], TorchFiles.Zip(members, packed));
        return folder["t.pt"];
    }

    private static string Answers(string expression, string type) => $"return {expression}|{type}";

    private static Func<string, string> Answering(string answer) => code => code
        .Replace("return (_1, _2)", answer.Split('|')[0], StringComparison.Ordinal)
        .Replace("Tuple[Tensor, Tensor]", answer.Split('|')[1], StringComparison.Ordinal);

    [Fact]
    public void A_program_gives_what_PyTorch_gave()
    {
        using var scope = NewDisposeScope();
        using var answers = Safetensors.Read(Repository.Shared("fixtures", "pytorch", "mobilenet_v2-0.35.expected.safetensors"));
        // The expected images are normalised numbers, so the program itself is asked; the teacher is asked for bytes.
        using var module = jit.load(Repository.Shared("fixtures", "pytorch", $"{Fixture}.pt"));
        module.eval();
        var (embedding, logits) = Assert.IsType<(Tensor, Tensor)>(module.Answers(answers.Tensors["images"]));
        Near(answers.Tensors["embedding"], embedding);
        Near(answers.Tensors["logits"], logits);

        File.Copy(Repository.Shared("fixtures", "pytorch", $"{Fixture}.pt"), folder["t.pt"]);
        folder.Write("t.teacher.yaml", "size: 64\nclasses: [a, b, c, d, e, f, g, h, i, j]\n");
        using var opened = Teacher.Open(Teacher.Find(folder["t.pt"]), Options);
        Assert.Equal(("torchscript", 1280, 10), (opened.Name, opened.Teach().EmbeddingSize, opened.ClassNames.Count));
        Assert.Equal(Needs.Embedding | Needs.Logits, opened.Teach().Provides);
        var images = randint(256, [3, 3, 64, 64], ScalarType.Byte);
        var (byHand, byHandLogits) = ((Tensor, Tensor))module.Answers(
            InputSpec.Square(64, ChannelStatistics.ImageNet).Apply(images, CPU, Layout.Nchw))!;
        var signals = opened.Teach().Observe(images, Needs.Embedding | Needs.Logits);
        Near(byHand, signals.Embedding);
        Near(byHandLogits, signals.Logits);
    }

    [Fact]
    public void What_lies_beside_it_decides_what_it_sees()
    {
        using var scope = NewDisposeScope();
        var file = Written(Answering(Answers("_2", "Tensor")));
        var images = randint(256, [2, 3, 64, 64], ScalarType.Byte);
        Tensor Asked(string settings, out Teacher teacher)
        {
            folder.Write("t.teacher.yaml", settings);
            teacher = Teacher.Open(Teacher.Find(file), Options);
            return teacher.Teach().Observe(images, Needs.Embedding).Embedding;
        }
        var plain = Asked("size: 64\nmean: [0.1, 0.2, 0.3]\nstd: [0.4, 0.5, 0.6]\n", out var first);
        var turned = Asked("size: 64\nmean: [0.1, 0.2, 0.3]\nstd: [0.4, 0.5, 0.6]\nchannels: bgr\n", out var second);
        using (first)
        using (second)
        {
            Assert.Equal((10, Needs.Embedding), (first.Teach().EmbeddingSize, first.Teach().Provides));
            Assert.NotEqual(first.Teach().Fingerprint, second.Teach().Fingerprint);
            Assert.Empty(first.Notes);
            // The same images with their channels turned round.
            images = images.flip(1);
            Near(plain, second.Teach().Observe(images, Needs.Embedding).Embedding);
            Assert.True((plain - turned).abs().max().Number() > 0);
        }
        // One tensor is the logits as well, where as many classes are named.
        Asked("size: 64\nclasses: [a, b, c, d, e, f, g, h, i, j]\n", out var third);
        using (third)
        {
            Assert.Equal(Needs.Embedding | Needs.Logits, third.Teach().Provides);
            Assert.Contains("ImageNet's means and deviations are assumed", Assert.Single(third.Notes), StringComparison.Ordinal);
        }
        foreach (var (settings, message) in new[]
        {
            ("size: 64\nclasses: [a, b]\n", "names 2 classes, but the program gives one tensor of 10"),
            ("size: 64\nsise: 3\n", "unknown key"),
        })
            Assert.Contains(message, Assert.ThrowsAny<InputException>(() => Asked(settings, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_is_averaged_and_a_probe_comes_first()
    {
        using var scope = NewDisposeScope();
        var file = Written(Answering(Answers("(features).forward(x, )", "Tensor")));
        var probed = new List<string>();
        ITeacherFormat[] formats = [new TorchScriptFormat(place => probed.Add(place.File))];
        using (var opened = Teacher.Open(Teacher.Find(file, formats: formats), Options, formats))
            Assert.Equal(1280, opened.Teach().EmbeddingSize);
        Assert.Equal([file], probed);
        formats = [new TorchScriptFormat(_ => throw new InputException("it crashes"))];
        Assert.Equal("it crashes", Assert.Throws<InputException>(() => Teacher.Open(new(file), Options, formats)).Message);
        Assert.Contains("gives answers alone", Assert.Throws<InputException>(() =>
        {
            using var opened = Teacher.Open(new(file), Options);
            _ = opened.Trained;
        }).Message, StringComparison.Ordinal);
    }

    /// <summary>What such programs are refused for; no network need run for that.</summary>
    /// <remarks>Names that the engine doesn't know within a function end the process: for that there is the probe.</remarks>
    public static TheoryData<string, string> BadCode => new()
    {
        { Answers("3", "int"), "neither a tensor" },
        { Answers("\"a\"", "str"), "can't be used" },
        { Answers("None", "None"), "neither a tensor" },
        { Answers("(_1, _1, _2)", "Tuple[Tensor, Tensor, Tensor]"), "neither a tensor nor a tuple of an embedding and logits" },
        { Answers("torch.sum(_2)", "Tensor"), "of 2 images it gives a tensor []" },
        { Answers("torch.sum(_2, [0])", "Tensor"), "of 2 images it gives a tensor [10]" },
        { Answers("torch.sum(_2, [0], True)", "Tensor"), "of 2 images it gives a tensor [1, 10]" },
        { Answers("torch.unsqueeze(_2, 1)", "Tensor"), "of 2 images it gives a tensor [2, 1, 10]" },
        { Answers("(_1, torch.sum(_2))", "Tuple[Tensor, Tensor]"), "of 2 images it gives a tensor []" },
        { Answers("torch.mm(_1, _1)", "Tensor"), "can't be used" },
        { Answers("(_2", "Tensor"), "can't be used" },
        { Answers("{\"a\": _2}", "Dict[str, Tensor]"), "can't be used" },
    };

    [Theory]
    [MemberData(nameof(BadCode))]
    public void A_program_that_gives_no_embeddings_is_refused(string answer, string message)
    {
        folder.Write("t.teacher.yaml", "size: 64\n");
        var file = Written(code => Answering(answer)(code).Replace(
            "(features).forward(x, )", "torch.zeros([torch.size(x, 0), 1280, 1, 1])", StringComparison.Ordinal));
        Assert.Contains(message, Assert.Throws<InputException>(() => Teacher.Open(Teacher.Find(file), Options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_archive_is_refused()
    {
        folder.Write("t.teacher.yaml", "size: 64\n");
        void Says(string message, Action<Dictionary<string, byte[]>> change, CompressionLevel packed = CompressionLevel.NoCompression)
        {
            var file = Written(change, packed);
            Assert.Contains(message, Assert.Throws<InputException>(() => Teacher.Open(Teacher.Find(file), Options)).Message,
                StringComparison.Ordinal);
        }
        string In(string name) => $"{Fixture}/{name}";
        Says("'data.pkl' is missing", members => members.Remove(In("data.pkl")));
        Says("'version' is missing", members => members.Remove(In("version")));
        Says("whole module", members => members.Remove(In("constants.pkl")));
        Says("it has no code", members =>
        {
            foreach (var code in members.Keys.Where(name => name.Contains("/code/", StringComparison.Ordinal)).ToList())
                members.Remove(code);
        });
        Says("its code lacks '__torch__.W'", members => members.Remove(In("code/__torch__.py")));
        Says("its code lacks '__torch__.W'", members => members[In("code/__torch__.py")] = "class V(Module):\n  x : int\n"u8.ToArray());
        Says("its code lacks '__torch__.torchvision.models.mobilenetv2.MobileNetV2'", members =>
            members.Remove(In("code/__torch__/torchvision/models/mobilenetv2.py")));
        Says("can't be used", members => members[In("code/__torch__.py")] =
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(members[In("code/__torch__.py")])
                .Replace("def forward", "def backward", StringComparison.Ordinal)));
        Says("the storage 'data/0' should have", members => members.Remove(In("data/0")));
        Says("the storage 'data/1' should have", members => members[In("data/1")] = members[In("data/1")][..^4]);
        Says("is packed", members => { }, CompressionLevel.Optimal);
        Says("is truncated", members => members[In("data.pkl")] = members[In("data.pkl")][..^7]);
        Says("is truncated", members => members[In("constants.pkl")] = []);
        Says("asks for 'posix.system'", members => members[In("data.pkl")] =
            TorchPickle.Of(p => p.Global("posix", "system").Plain("(").Text("id").Plain("tR")));
        Says("reaches beyond its 256 numbers", members => members[In("data.pkl")] = TorchPickle.Of(p =>
        {
            p.Offset = 9;
            p.Global("__torch__", "W").Plain(")").Raw(0x81).Plain("}(").Text("v").Tensor("0", 4, 64).Plain("ub");
        }));
        Says("should have 4398046511104 bytes", members => members[In("data.pkl")] = TorchPickle.Of(p =>
        {
            p.Count = 1L << 40;
            p.Global("__torch__", "W").Plain(")").Raw(0x81).Plain("}(").Text("v").Tensor("0", 4, 64).Plain("ub");
        }));

        var whole = TorchFiles.Zip(Members());
        foreach (var length in new[] { 4, 1000, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(folder["t.pt"], whole[..length]);
            Assert.Contains("end is missing", Assert.Throws<InputException>(() => Teacher.Find(folder["t.pt"])).Message,
                StringComparison.Ordinal);
        }
        whole[whole.AsSpan().IndexOf(Members()[In("data/1")].AsSpan(0, 32)) + 3] ^= 1;
        File.WriteAllBytes(folder["t.pt"], whole);
        Assert.Contains("has another checksum than it should", Assert.Throws<InputException>(() => Teacher.Find(folder["t.pt"])).Message,
            StringComparison.Ordinal);
        File.WriteAllBytes(folder["t.pt"], TorchFiles.Zip([.. Members(), new(In("version"), "3\n"u8.ToArray())]));
        Assert.Contains("stands twice", Assert.Throws<InputException>(() => Teacher.Find(folder["t.pt"])).Message,
            StringComparison.Ordinal);
    }

    private static void Near(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange((expected - found).abs().max().Number() / expected.abs().max().Number(), 0, 1e-4);
    }
}
