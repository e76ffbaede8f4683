using System.Text;
using Refilled.Cli.Bench;
using Refilled.Tests.Support;

namespace Refilled.Deploy.Tests;

public sealed class ImageClassifierTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ImageClassifier classifier;

    public ImageClassifierTests()
    {
        ExportedStudent.Write(folder["student.onnx"]).Network.Dispose();
        classifier = Open(new ClassifierOptions { Threads = 1 });
    }

    public void Dispose()
    {
        classifier.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void It_says_what_it_is()
    {
        Assert.Equal(ExportedStudent.ClassNames, classifier.ClassNames);
        Assert.Equal((32, "wrn-10-1", new string('a', 64), (double?)1),
            (classifier.Size, classifier.Network, classifier.Source, classifier.Temperature));
    }

    [Fact]
    public void A_file_its_bytes_and_a_stream_have_one_answer()
    {
        var image = MadeUpJpegs.Make(1, 60, 45)[0];
        File.WriteAllBytes(folder["photo.jpg"], image);
        using var stream = new MemoryStream(image);
        using var from = ImageClassifier.Load(File.ReadAllBytes(folder["student.onnx"]), new ClassifierOptions { Threads = 1 });
        Assert.Equal(classifier.Classify(folder["photo.jpg"]).Probabilities, classifier.Classify(stream).Probabilities);
        Assert.Equal(classifier.Classify(image).Probabilities, from.Classify(image).Probabilities);
    }

    [Fact]
    public void Many_threads_have_the_answers_of_one()
    {
        var images = MadeUpJpegs.Make(24, 80, 60);
        var expected = images.Select(image => classifier.Classify(image).Probabilities).ToList();
        Parallel.For(0, 96, i => Near(expected[i % 24], classifier.Classify(images[i % 24]).Probabilities));
        var all = classifier.ClassifyAll(images);
        for (var i = 0; i < 24; i++) Near(expected[i], all[i].Classification!.Probabilities);
    }

    [Fact]
    public void Images_that_can_not_be_used_are_told_among_many()
    {
        var images = MadeUpJpegs.Make(3, 64, 64);
        var answers = classifier.ClassifyAll([images[0], images[1][..^300], "no image"u8.ToArray(), images[2]]);
        Assert.Equal([true, false, false, true], answers.Select(answer => answer.Classification is not null));
        Assert.Equal("The image is truncated.", answers[1].Problem);
        Assert.Equal(classifier.Classify(images[2]).Label, answers[3].Classification!.Label);
        Assert.Contains("There is no file", classifier.ClassifyAll([folder["none.jpg"]])[0].Problem, StringComparison.Ordinal);
        Assert.Empty(classifier.ClassifyAll(Array.Empty<byte[]>()));
    }

    [Fact]
    public void Limits_are_kept_before_anything_is_decoded()
    {
        using var strict = Open(new ClassifierOptions { Threads = 1, MostBytes = 4000, MostPixels = 5000 });
        var wide = MadeUpJpegs.Make(1, 80, 64)[0];
        Assert.Contains("declares 80×64 pixels", Assert.Throws<ImageException>(() => strict.Classify(wide)).Message,
            StringComparison.Ordinal);
        var large = MadeUpJpegs.Make(1, 300, 300)[0];
        using var stream = new MemoryStream(large);
        Assert.Contains("MiB", Assert.Throws<ImageException>(() => strict.Classify(large)).Message, StringComparison.Ordinal);
        Assert.Contains("MiB", Assert.Throws<ImageException>(() => strict.Classify(stream)).Message, StringComparison.Ordinal);
        Assert.Contains("TIFF", Assert.Throws<ImageException>(() => classifier.Classify("II*\0aaaa"u8.ToArray())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_cancelled_throws_that()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var images = MadeUpJpegs.Make(2, 64, 64);
        Assert.ThrowsAny<OperationCanceledException>(() => classifier.Classify(images[0], cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => classifier.ClassifyAll(images, cancelled.Token));
        using var stream = new MemoryStream(images[0]);
        Assert.ThrowsAny<OperationCanceledException>(() => classifier.Classify(stream, cancelled.Token));
    }

    [Fact]
    public void Views_of_another_size_are_refused() =>
        Assert.Contains("take 6144 bytes", Assert.Throws<ArgumentException>(() => classifier.ClassifyViews(new byte[100], 2)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_truncated_model_is_said_wherever_it_ends()
    {
        var model = File.ReadAllBytes(folder["student.onnx"]);
        foreach (var length in Enumerable.Range(0, 60).Concat(Enumerable.Range(1, 40).Select(i => (int)((long)model.Length * i / 41))))
        {
            var message = Assert.Throws<DeployException>(() => ImageClassifier.Load(model[..length])).Message;
            Assert.Contains("refilled export", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "git lfs pull")]
    [InlineData("<!DOCTYPE html>", "HTML")]
    [InlineData("hello", "no ONNX file")]
    public void What_is_no_model_is_said(string content, string said)
    {
        var file = folder.Write("wrong.onnx", content);
        var message = Assert.Throws<DeployException>(() => ImageClassifier.Load(file)).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("wrong.onnx", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said() =>
        Assert.Contains("There is no file", Assert.Throws<DeployException>(() => ImageClassifier.Load(folder["none.onnx"])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("refilled-onnx/1", "refilled-onnx/7", "as new as")]
    [InlineData("refilled.classes", "refilled.klasses", "lacks 'refilled.classes'")]
    [InlineData("\"Height\":32", "\"Height\":99", "99×32")]
    [InlineData("\"Height\":32", "\"Heighd\":32", "can't be used")]
    [InlineData("[\"fox\"", "{\"fox\"", "can't be used")]
    [InlineData("\"fox\",\"hare\"", "\"fox-hare-x\"", "of 4 classes")]
    [InlineData("embedding", "embeddinh", "other inputs and outputs")]
    public void Metadata_that_does_not_fit_is_said(string text, string otherwise, string said)
    {
        var model = Encoding.Latin1.GetString(File.ReadAllBytes(folder["student.onnx"]));
        Assert.Contains(text, model, StringComparison.Ordinal);
        Assert.Equal(text.Length, otherwise.Length);
        var changed = Encoding.Latin1.GetBytes(model.Replace(text, otherwise, StringComparison.Ordinal));
        Assert.Contains(said, Assert.Throws<DeployException>(() => ImageClassifier.Load(changed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_another_file_are_refused()
    {
        // The field "data location" with the value EXTERNAL, within a tensor, within the graph.
        byte[] model = [8, 8, 0x3a, 4, 0x2a, 2, 0x70, 1];
        Assert.Contains("weights in another file", Assert.Throws<DeployException>(() => ImageClassifier.Load(model)).Message,
            StringComparison.Ordinal);
    }

    private ImageClassifier Open(ClassifierOptions options) => ImageClassifier.Load(folder["student.onnx"], options);

    private static void Near(IReadOnlyList<float> expected, IReadOnlyList<float> found) =>
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4f);
}
