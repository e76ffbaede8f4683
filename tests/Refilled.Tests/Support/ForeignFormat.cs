using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;
using TorchSharp;

namespace Refilled.Tests.Support;

/// <summary>A format of another framework: files that end in ".foreign", which answer and are no networks of ours.</summary>
/// <param name="provides">What they give.</param>
internal sealed class ForeignFormat(Needs provides = Needs.Embedding | Needs.Logits) : ITeacherFormat
{
    public const string Name = "foreign-net";

    public bool Opens(NetworkPlace place) => place.Path.EndsWith(".foreign", StringComparison.Ordinal);

    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        var trained = NetworkFile.Load(place.File, options.Precision, options.Layout);
        trained.Network.to(options.Device);
        return new Teacher(place, Name, new Answers(new NetworkTeacher(trained.Network, trained.ClassNames), provides));
    }

    private sealed class Answers(NetworkTeacher behind, Needs provides) : ITeacher
    {
        public Needs Provides => provides;

        public int EmbeddingSize => behind.EmbeddingSize;

        public IReadOnlyList<string> ClassNames => behind.ClassNames;

        public string Fingerprint => behind.Fingerprint;

        public Signals Observe(Refilled.Data.Batch batch, Needs needs) => behind.Observe(batch, needs);

        public void Dispose() => behind.Dispose();
    }
}
