using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;

namespace Refilled.Tests.Teachers;

/// <summary>The small file beside a teacher's.</summary>
public sealed class TeacherSettingsTests : IDisposable
{
    private static readonly InputSpec Usual = new(32, 32, [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_file_nothing_is_given()
    {
        var settings = TeacherSettings.Of(folder["photos.pth"]);
        Assert.Equal(new TeacherSettings(), settings);
        Assert.Equal(Usual, settings.Over(Usual));
    }

    [Theory]
    [InlineData("photos.pth.teacher.yaml")]
    [InlineData("photos.teacher.yaml")]
    public void Means_of_blue_green_and_red_are_turned_round(string name)
    {
        var file = folder.Write(name, "architecture: wrn-10-1\nsize: 64\nmean: [0.7, 0.8, 0.9]\nchannels: bgr\nclasses: [cat, dog]\n"
            + "input: data\nembedding: pooled\nlogits: scores\nlayout: nhwc\n");
        var settings = TeacherSettings.Of(folder["photos.pth"]);
        Assert.Equal(file, settings.File);
        Assert.Equal(new InputSpec(64, 64, [0.9, 0.8, 0.7], [0.4, 0.5, 0.6]), settings.Over(Usual));
        Assert.Equal(("wrn-10-1", "cat dog"), (settings.Architecture, string.Join(' ', settings.Classes!)));
        Assert.Equal(("data", "pooled", "scores", ImageLayout.Nhwc), (settings.Input, settings.Embedding, settings.Logits, settings.Layout));
        Assert.Contains("\"Size\":64", settings.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_of_the_whole_name_is_read_first()
    {
        folder.Write("photos.pth.teacher.yaml", "size: 64\n");
        folder.Write("photos.teacher.yaml", "size: 96\n");
        Assert.Equal((64, 96), (TeacherSettings.Of(folder["photos.pth"]).Size!.Value, TeacherSettings.Of(folder["photos.onnx"]).Size!.Value));
    }

    [Theory]
    [InlineData("architecture: wrn-11-1", "photos.teacher.yaml:1: architecture: There is no network 'wrn-11-1'")]
    [InlineData("size: 3", "size: must be from 8 to 1024, not 3")]
    [InlineData("mean: [0.5, 0.5]", "mean: must be three numbers, of values from 0 to 1, not 2")]
    [InlineData("mean: [123, 116, 103]", "mean: is of values scaled to [0, 1]: divide")]
    [InlineData("std: [0.2, 0, 0.2]", "std: is of values scaled to [0, 1], and positive")]
    [InlineData("channels: rbg", "channels: expected one of rgb, bgr, not 'rbg'")]
    [InlineData("classes: [cat]", "classes: must be a name for each of at least 2 classes, not 1")]
    [InlineData("architectur: wrn-10-1", "architectur: unknown key. Did you mean 'architecture'?")]
    public void What_can_not_be_is_told_with_its_line(string text, string message)
    {
        folder.Write("photos.teacher.yaml", text);
        Assert.Contains(message, Assert.Throws<RecipeException>(() => TeacherSettings.Of(folder["photos.pth"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_a_file_is_named_behind_it()
    {
        var file = folder.Write("photos.onnx", "");
        var place = NetworkPlace.Find(file + "#pooled");
        Assert.Equal((file, "pooled", file + "#pooled"), (place.File, place.Part, place.Path));
        Assert.Null(NetworkPlace.Find(file).Part);
        Assert.Null(NetworkPlace.Find(folder.Write("a#b.pth", "")).Part);
        Assert.Contains("There is no teacher", Assert.Throws<InputException>(() => NetworkPlace.Find(folder["other.onnx#x"])).Message,
            StringComparison.Ordinal);
    }
}
