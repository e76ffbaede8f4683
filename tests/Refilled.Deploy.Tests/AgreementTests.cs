using System.IO.Compression;
using Refilled.Cli.Bench;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Deploy.Tests;

/// <summary>What Deploy says of an image is what <c>predict</c> says with the network itself.</summary>
public sealed class AgreementTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(32, OnnxInput.Pixels)]
    [InlineData(32, OnnxInput.AnySize)]
    [InlineData(84, OnnxInput.Pixels)]
    [InlineData(84, OnnxInput.AnySize)]
    [InlineData(96, OnnxInput.AnySize)]
    public void Answers_are_those_of_predict(int size, OnnxInput input)
    {
        var files = Files();
        var trained = ExportedStudent.Write(folder["student.onnx"], size, input);
        var expected = new Predictor(new NetworkClassifier(trained, null)).Classify(folder["images"], 5, default);
        using var classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1, Batch = 7 });
        var found = classifier.ClassifyAll([.. expected.Select(one => folder["images", one.Image])]);

        Assert.Equal(files, found.Count);
        foreach (var (answer, prediction) in found.Zip(expected))
        {
            Assert.Null(answer.Problem);
            var named = prediction.Classes.ToDictionary(pair => pair.Name, pair => pair.Probability);
            foreach (var (name, probability) in answer.Classification!.Top(5)) Assert.Equal(named[name], probability, 1e-4);
        }
        // The images differ, and so do the answers: equal ones aren't equal for nothing.
        Assert.True(found.Select(one => MathF.Round(one.Classification!.Probability, 3)).Distinct().Count() > files / 2);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(84)]
    [InlineData(224)]
    public void Views_are_those_of_an_evaluation_byte_for_byte(int size)
    {
        Files();
        ExportedStudent.Write(folder["student.onnx"], size);
        using var classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1 });
        // A class of letters, and one of the others.
        Directory.CreateDirectory(folder["data", "letters"]);
        foreach (var letter in Directory.GetFiles(folder["images"], "letter-*"))
            File.Move(letter, folder["data", "letters", Path.GetFileName(letter)]);
        Directory.Move(folder["images"], folder["data", "others"]);
        var set = DataCatalog.Load($"folder:{folder["data"]}", new DataOptions { ImageSize = size }).Train;
        var drawn = set.SampleIds.Select(id =>
        {
            var view = new byte[3 * size * size];
            set.Store.Draw(new View(0, id, View.Evaluation), view);
            return Convert.ToHexString(view);
        });
        var seen = Directory.EnumerateFiles(folder["data"], "*", SearchOption.AllDirectories)
            .Select(path => Convert.ToHexString(classifier.View(File.ReadAllBytes(path)))).ToHashSet();
        Assert.True(set.Count > 10);
        Assert.All(drawn, view => Assert.Contains(view, seen));
    }

    [Fact]
    public void Embedding_logits_and_probabilities_are_the_networks_own()
    {
        using var scope = NewDisposeScope();
        var trained = ExportedStudent.Write(folder["student.onnx"], temperature: 2.5);
        using var classifier = ImageClassifier.Load(folder["student.onnx"], new ClassifierOptions { Threads = 1 });
        var image = MadeUpJpegs.Make(1, 60, 45)[0];
        var signals = trained.Network.Observe(tensor(classifier.View(image), [1, 3, 32, 32]), Needs.Embedding | Needs.Logits);
        var answer = classifier.Classify(image);
        Near(signals.Embedding.data<float>().ToArray(), answer.Embedding);
        Near(signals.Logits.data<float>().ToArray(), answer.Logits);
        Near(signals.Logits.Over(2.5).softmax(1).data<float>().ToArray(), answer.Probabilities);
        Assert.Equal(2.5, classifier.Temperature);
        Assert.Equal(answer.Label, answer.Top(1)[0].Name);
        Assert.Equal(ExportedStudent.ClassNames.Order(), answer.Top(9).Select(one => one.Name).Order());
    }

    /// <summary>Handwriting, photographs of several sizes, turned ones, transparent, grey and coloured by other inks.</summary>
    private int Files()
    {
        Directory.CreateDirectory(folder["images"]);
        using (var letters = ZipFile.OpenRead(Path.Combine(Repository.Root, "data", "letters", "letters.zip")))
            foreach (var entry in letters.Entries.Where(entry => entry.Name.EndsWith(".png", StringComparison.Ordinal)).Take(900).Chunk(90))
                entry[0].ExtractToFile(folder["images", $"letter-{entry[0].Name}"], overwrite: true);
        foreach (var (width, height) in new[] { (32, 32), (90, 84), (201, 150), (500, 375), (1024, 300), (40, 33) })
            File.WriteAllBytes(folder["images", $"photo-{width}.jpg"], MadeUpJpegs.Make(1, width, height)[0]);
        var images = Path.Combine(Repository.Root, "tests", "Refilled.Tests", "Files", "Images");
        foreach (var name in new[] { "oriented-3.jpg", "oriented-6.jpg", "oriented-8.jpg", "alpha.png", "grey.jpg", "grey16.png",
            "cmyk.jpg", "palette.png", "plain.bmp", "plain.webp", "animated.gif" })
            File.Copy(Path.Combine(images, name), folder["images", name]);
        return Directory.GetFiles(folder["images"]).Length;
    }

    private static void Near(float[] expected, IReadOnlyList<float> found)
    {
        Assert.Equal(expected.Length, found.Count);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4 * largest);
    }
}
