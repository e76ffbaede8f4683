using Refilled.Data;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>From a path to a trained network.</summary>
public sealed class TeacherTests : IDisposable
{
    private static readonly TeacherOptions Options = new(CPU, Precision.Fp32);
    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("run")]
    [InlineData("run/network.safetensors")]
    public void A_run_and_its_network_file_are_the_same_teacher(string path)
    {
        var run = files.Network("run");
        var place = Teacher.Find(files.Folder[path.Split('/')]);
        Assert.Equal((Path.Combine(run, "network.safetensors"), "teacher"), (place.File, place.Role));
        using var opened = Teacher.Open(place, Options);
        // Of the bytes that were read, and as if it were asked for without reading them.
        Assert.Equal((FileHash.Of(place.File), FileHash.Of(place.File)), (place.Hash, NetworkPlace.Find(run).Hash));
        Assert.Equal(("wrn-10-1", "wrn-10-1"), (opened.Name, opened.Trained.Network.Architecture));
        Assert.Equal(["known0", "known1", "known2"], opened.ClassNames);
        Assert.False(opened.Trained.Network.Frozen);
        Assert.Same(opened.Teach(), opened.Teach());
        Assert.True(opened.Trained.Network.Frozen);
    }

    [Fact]
    public void What_is_missing_is_told_by_its_role()
    {
        var nowhere = files.Folder["nowhere"];
        Assert.Equal($"There is no start '{nowhere}': name a run folder or a network file (.safetensors).",
            Assert.Throws<InputException>(() => Teacher.Find(nowhere, "start")).Message);
        Assert.Equal($"The folder '{files.Folder.Path}' holds no finished run: it has no network.safetensors. "
            + "Finish the run with --resume, or name another teacher.",
            Assert.Throws<InputException>(() => NetworkPlace.Find(files.Folder.Path)).Message);
        // A place is looked at again, so that it may be named before it is there.
        var place = new NetworkPlace(files.Folder["later"]);
        Assert.Throws<InputException>(() => place.File);
        files.Network("later");
        Assert.EndsWith("network.safetensors", place.File, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_network_is_found_without_reading_it()
    {
        var text = files.Folder.Write("text", "nothing of the kind");
        var unreadable = Assert.Throws<InputException>(() => Teacher.Find(text));
        Assert.Contains("is no readable safetensors file", unreadable.Message, StringComparison.Ordinal);
        using (var scope = NewDisposeScope())
            Safetensors.Write(
                files.Folder["other"], [new("a", zeros(2))], new Dictionary<string, string> { ["format"] = "refilled-else/1" });
        var refused = Assert.Throws<InputException>(() => Teacher.Find(files.Folder["other"]));
        Assert.Contains("is no network file of Refilled", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_of_the_callers_is_asked_first_and_may_give_answers_alone()
    {
        var path = files.Folder.Write("teacher.made-up", "");
        var place = Teacher.Find(path, formats: [new MadeUpFormat()]);
        using var opened = Teacher.Open(place, Options, [new MadeUpFormat()]);
        Assert.Equal("made-up x y", $"{opened.Name} {string.Join(' ', opened.ClassNames)}");
        Assert.IsType<MadeUp>(opened.Teach());
        Assert.Equal($"The teacher '{path}' gives answers alone; name a run folder or a network file (.safetensors) of Refilled.",
            Assert.Throws<InputException>(() => opened.Trained).Message);
        // What it doesn't open is a network file, as without it.
        Assert.Equal("wrn-10-1", Name(Teacher.Open(new NetworkPlace(files.Network()), Options, [new MadeUpFormat()])));
    }

    private static string Name(Teacher opened)
    {
        using (opened) return opened.Name;
    }

    private sealed class MadeUpFormat : ITeacherFormat
    {
        public bool Opens(NetworkPlace place) => place.Path.EndsWith(".made-up", StringComparison.Ordinal);

        public Teacher Open(NetworkPlace place, TeacherOptions options) => new(place, "made-up", new MadeUp());
    }

    private sealed class MadeUp : ITeacher
    {
        public Needs Provides => Needs.Embedding;

        public int EmbeddingSize => 1;

        public IReadOnlyList<string> ClassNames => ["x", "y"];

        public string Fingerprint => "made up";

        public Signals Observe(Batch batch, Needs needs) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
