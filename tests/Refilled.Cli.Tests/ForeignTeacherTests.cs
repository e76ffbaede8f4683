using System.Text.Json;
using Google.Protobuf;
using Refilled.Onnx.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;

namespace Refilled.Cli.Tests;

/// <summary>Teachers of other frameworks, from the command line: the built-in one, and ONNX files.</summary>
public sealed class ForeignTeacherTests : IDisposable
{
    private const string BuiltIn = "imagenet-resnet-18";

    private readonly TemporaryFolder folder = new();
    private readonly string photos;

    public ForeignTeacherTests() => photos = MadeUpFiles.Folder(folder["photos"],
        from kind in new[] { "ants", "bees", "crabs" }
        from i in Enumerable.Range(0, 8)
        select KeyValuePair.Create($"{kind}/{i}.png", MadeUpFiles.Picture(kind[0] * 9 + i, 40, 36)));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_student_learns_from_the_built_in_teacher()
    {
        var found = Last(await Run(0, "distill", "--data", photos, "--image-size", "32", "--teacher", BuiltIn, "--student",
            "mobilenet-0.25",
            "--views", "1", "--epochs1", "1", "--epochs", "1", "--batch", "8", "--out", folder["s"], "--json"));
        Assert.Equal((BuiltIn, "refilled"), (found.GetProperty("teacher").GetString(), found.GetProperty("method").GetString()));
        Assert.True(File.Exists(folder["s", "network.safetensors"]));
    }

    [Fact]
    public async Task A_method_that_it_can_not_serve_is_refused_with_those_that_it_can()
    {
        var said = (await Run(2, "distill", "--data", photos, "--image-size", "32", "--teacher", BuiltIn, "--setting", "standard",
            "--student", "mobilenet-0.25", "--method", "fitnet", "--out", folder["s"])).Error;
        Assert.Equal("The method 'fitnet' reads the teacher's FeatureMaps, which this teacher doesn't give. "
            + "It can serve: rkd, vanilla, lkd, refilled, refilled-tuples, regress, regress+lkd.\n", said);
        Assert.False(Directory.Exists(folder["s"]));
    }

    [Fact]
    public async Task Evaluate_takes_it_by_its_class_means()
    {
        var run = await Run(0, "evaluate", BuiltIn, "--data", photos, "--image-size", "32", "--json");
        var found = Last(run);
        Assert.Equal(3, found.GetProperty("classes").GetArrayLength());
        Assert.InRange(found.GetProperty("top1").GetDouble(), 0, 100);
        Assert.NotEqual(JsonValueKind.Null, found.GetProperty("ncm").ValueKind);
        Assert.Contains(found.GetProperty("notes").EnumerateArray(), note =>
            note.GetString()!.Contains("class means", StringComparison.Ordinal));
        Assert.Contains(found.GetProperty("notes").EnumerateArray(), note =>
            note.GetString()!.Contains("resized to 224×224", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_takes_the_logits_of_what_knows_the_classes()
    {
        var network = folder["own.onnx"];
        File.Copy(Fixture(), network);
        folder.Write("own.onnx.teacher.yaml", "classes: [ants, bees, crabs, d, e, f, g, h, i, j]\nmean: [0, 0, 0]\nstd: [1, 1, 1]\n");
        var found = Last(await Run(0, "evaluate", network, "--data", photos, "--image-size", "32", "--json"));
        Assert.DoesNotContain(found.GetProperty("notes").EnumerateArray(), note =>
            note.GetString()!.Contains("class means", StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Number, found.GetProperty("calibrationError").ValueKind);
        // Of images with other names its embedding is all there is.
        folder.Write("own.onnx.teacher.yaml", "classes: [a, b, c, d, e, f, g, h, i, j]\n");
        found = Last(await Run(0, "evaluate", network, "--data", photos, "--image-size", "32", "--json"));
        Assert.Contains(found.GetProperty("notes").EnumerateArray(), note =>
            note.GetString()!.Contains("class means", StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Null, found.GetProperty("calibrationError").ValueKind);
    }

    [Fact]
    public async Task What_the_runtime_refuses_is_told_by_the_process_that_tried_it()
    {
        var model = OnnxFile.Read(Fixture()).Model;
        model.Graph.Node[^1].OpType = "Frobnicate";
        File.WriteAllBytes(folder["odd.onnx"], model.ToByteArray());
        folder.Write("odd.onnx.teacher.yaml", "mean: [0, 0, 0]\nstd: [1, 1, 1]\nembedding: logits\n");
        var (output, error) = await Run(2, "distill", "--data", photos, "--image-size", "32", "--teacher", folder["odd.onnx"],
            "--student",
            "mobilenet-0.25", "--out", folder["s"]);
        Assert.Equal("", output);
        Assert.StartsWith($"'{folder["odd.onnx"]}' can't be used as ONNX: ONNX Runtime says: ", error, StringComparison.Ordinal);
        Assert.Contains("Frobnicate", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["s"]));
    }

    [Fact]
    public async Task Inspect_says_how_a_teacher_is_understood()
    {
        var (told, _) = await Run(0, "teacher", "inspect", BuiltIn);
        Assert.Contains("224×224, BGR, NCHW, 0 to 255 minus a mean image", told, StringComparison.Ordinal);
        Assert.Contains("512 numbers, 'Pooling395_Output_0'", told, StringComparison.Ordinal);
        Assert.Contains("rkd, vanilla, lkd, refilled, refilled-tuples", told, StringComparison.Ordinal);

        var found = Last(await Run(0, "teacher", "inspect", Fixture(), "--json"));
        Assert.Equal("images, Float [batch, 3, 64, 64]", found.GetProperty("input").GetProperty("input").GetString());
        Assert.Equal(("embedding", 1280), (found.GetProperty("embedding").GetProperty("embedding").GetString(),
            found.GetProperty("embedding").GetProperty("embeddingSize").GetInt32()));
        Assert.Equal(["embedding", "logits"], found.GetProperty("tensors").EnumerateArray()
            .Select(one => one.GetProperty("name").GetString()));
        Assert.Contains("ImageNet", Assert.Single(found.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_student_learns_from_a_network_of_PyTorch()
    {
        var said = await Run(0, "distill", "--data", photos, "--image-size", "32", "--teacher", Fixture(), "--student", "mobilenet-0.25",
            "--set", "layout=nchw",
            "--views", "1", "--epochs1", "1", "--epochs", "1", "--batch", "8", "--out", folder["s"], "--json");
        Assert.Equal("mobilenet_v2-0.35", Last(said).GetProperty("teacher").GetString());
        Assert.Contains("ImageNet's mean and deviation", said.Error, StringComparison.Ordinal);
        // From another folder, too, the run knows its teacher.
        await Run(0, "distill", "--resume", "--out", folder["s"]);
    }

    [Fact]
    public async Task Embed_writes_a_row_for_each_image_that_can_be_read()
    {
        folder.Write(Path.Combine("photos", "ants", "broken.png"), "no picture");
        var run = await Run(0, "embed", "--teacher", BuiltIn, photos, Path.Combine(photos, "bees", "0.png"), "--out",
            folder["e", "x.npy"], "--json");
        Assert.Contains("broken.png", run.Error, StringComparison.Ordinal);
        Assert.Equal((25, 512), (Last(run).GetProperty("images").GetInt32(), Last(run).GetProperty("size").GetInt32()));
        var names = File.ReadAllLines(folder["e", "x.csv"]);
        Assert.Equal((26, "image", Path.Combine(photos, "bees", "0.png")), (names.Length, names[0], names[^1]));
        var bytes = File.ReadAllBytes(folder["e", "x.npy"]);
        var rows = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan(bytes.Length - 25 * 512 * 4)).ToArray();
        Assert.All(rows, number => Assert.True(float.IsFinite(number)));
        // The same image, once within its folder and once alone.
        var place = Array.FindIndex(names, name => name.EndsWith("bees/0.png", StringComparison.Ordinal)) - 1;
        Assert.Equal(rows[(24 * 512)..], rows[(place * 512)..((place + 1) * 512)]);
    }

    [Fact]
    public async Task What_is_no_teacher_is_one_message()
    {
        var text = folder.Write("page.onnx", "<html>not found</html>");
        Assert.Contains("is no ONNX file", (await Run(2, "teacher", "inspect", text)).Error, StringComparison.Ordinal);
        Assert.Contains("There is no file", (await Run(2, "teacher", "inspect", folder["none.onnx"])).Error, StringComparison.Ordinal);
        Assert.Contains("has no tensor 'embeding'. Did you mean 'embedding'?",
            (await Run(2, "teacher", "inspect", Fixture() + "#embeding")).Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "", null)]
    [InlineData(2, "It is broken.", "It is broken.")]
    [InlineData(139, "", "The teacher 'x' makes the program that opens it crash (exit code 139). It was opened in a process of its own, ")]
    [InlineData(134, "free(): invalid pointer\nmore", "makes the program that opens it crash (exit code 134: free(): invalid pointer). ")]
    public void A_crash_of_another_framework_is_a_message(int exitCode, string said, string? expected)
    {
        var message = ProbeProcess.Refusal(new NetworkPlace("x"), exitCode, said);
        if (expected is null) Assert.Null(message);
        else Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_hangs_is_given_up()
    {
        var message = Assert.Throws<InputException>(() => new ProbeProcess(seconds: 0).Check(new NetworkPlace(Fixture()))).Message;
        Assert.Contains("isn't opened within 0 seconds", message, StringComparison.Ordinal);
    }

    private static string Fixture() => Repository.Shared("fixtures", "pytorch", "mobilenet_v2-0.35.onnx");
}
