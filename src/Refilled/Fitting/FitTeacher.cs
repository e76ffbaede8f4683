using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;

namespace Refilled.Fitting;

/// <summary>One teacher for all trainings of a fit, which sees each view of each image once.</summary>
/// <remarks>Its answers are kept in files. Each training gets it through <see cref="Format"/>, and none frees it.</remarks>
internal sealed class FitTeacher : IDisposable
{
    private readonly Teacher opened;
    private readonly CachedTeacher labelled;
    private readonly CachedTeacher? unlabelled;

    private FitTeacher(Teacher opened, CachedTeacher labelled, CachedTeacher? unlabelled)
    {
        (this.opened, this.labelled, this.unlabelled) = (opened, labelled, unlabelled);
        Format = new Shared(opened, new Answers(labelled, unlabelled ?? labelled));
    }

    /// <summary>What opens it wherever the recipe's teacher is named.</summary>
    public ITeacherFormat Format { get; }

    /// <summary>Opens the recipe's teacher.</summary>
    /// <param name="recipe">What all trainings have in common; it names a teacher.</param>
    /// <param name="images">The labelled images, those held out among them.</param>
    /// <param name="beside">Images without labels; null where there are none.</param>
    /// <param name="dataHash">Hash of the data.</param>
    /// <param name="folder">Where answers are kept.</param>
    /// <param name="formats">Formats of the caller's.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">It can't be used.</exception>
    public static FitTeacher Open(Recipe recipe, ImageSet images, UnlabelledData? beside, string dataHash, string folder,
        IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var machine = Machine.Resolve(recipe);
        var opened = Teacher.Open(
            Teacher.Find(recipe.Teacher!, formats: formats), machine.Networks with { Layout = recipe.Layout }, formats);
        try
        {
            var raw = opened.Teach();
            var options = new CacheOptions
            {
                DataHash = dataHash, ViewSeed = recipe.Seeds.View, Views = recipe.Views, Folder = folder, Device = machine.Device,
                LeavesTeacher = true, Precision = recipe.KeptPrecision,
            };
            var others = options with { DataHash = beside?.Hash ?? dataHash, Views = BesideViews(recipe) };
            return new FitTeacher(opened, new CachedTeacher(raw, images, options, cancel),
                beside is null ? null : new CachedTeacher(raw, beside.Images, others, cancel));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Remarks of whoever opened it.</summary>
    public IReadOnlyList<string> Notes => opened.Notes;

    /// <summary>Bytes of its file.</summary>
    public long Bytes => new FileInfo(opened.Place.File).Length;

    /// <summary>Asks it for all that the trainings will want to know.</summary>
    /// <param name="recipe">How many views.</param>
    /// <param name="progress">Told the images done and their total.</param>
    /// <param name="cancel">Stops it; what was asked stays.</param>
    public void AskAll(Recipe recipe, Action<int, int> progress, CancellationToken cancel)
    {
        var views = Enumerable.Range(0, recipe.Views).Prepend(View.Evaluation).Select(view => (Of: labelled, View: view))
            .Concat(unlabelled is null ? [] : Enumerable.Range(0, BesideViews(recipe)).Select(view => (Of: unlabelled, View: view)))
            .ToList();
        foreach (var (i, (of, view)) in views.Index())
            of.Prepare(view, Needs.Embedding, (done, all) => progress(i * all + done, views.Count * all), cancel);
    }

    /// <summary>Its embeddings of images in the evaluation view; the caller disposes them.</summary>
    public Readings Read(ImageSet images, CancellationToken cancel) => TeacherReader.Read(labelled, images, cancel);

    /// <summary>Its embeddings of images that it hasn't seen; the caller disposes them.</summary>
    public Readings ReadNew(ImageSet images, CancellationToken cancel) => TeacherReader.Read(opened.Teach(), images, cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        unlabelled?.Dispose();
        labelled.Dispose();
        opened.Dispose();
    }

    private static int BesideViews(Recipe recipe) => recipe.Stage1.Views ?? recipe.Views;

    private sealed class Shared(Teacher opened, Answers answers) : ITeacherFormat
    {
        public bool Opens(NetworkPlace place) => (place.Path, place.Role) == (opened.Place.Path, opened.Place.Role);

        public void Check(NetworkPlace place) => place.LiesAt(opened.Place.File);

        public Teacher Open(NetworkPlace place, TeacherOptions options)
        {
            place.LiesAt(opened.Place.File);
            return new Teacher(place, opened.Name, answers) { Input = opened.Input };
        }
    }

    /// <summary>The kept answers, which outlive whoever asks.</summary>
    private sealed class Answers(CachedTeacher labelled, CachedTeacher unlabelled) : ITeacher
    {
        public Needs Provides => labelled.Provides;

        public int EmbeddingSize => labelled.EmbeddingSize;

        public IReadOnlyList<string> ClassNames => labelled.ClassNames;

        public string Fingerprint => labelled.Fingerprint;

        public Signals Observe(Batch batch, Needs needs) => (batch.IsLabelled ? labelled : unlabelled).Observe(batch, needs);

        public void Dispose() { }
    }
}
