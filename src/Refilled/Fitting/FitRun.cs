using System.Text.Json;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Fitting;

/// <summary>A fit at work: compares the candidates, trains the best on all images, and reads the test images once.</summary>
/// <remarks>Everything finished lies in the folder, and is taken up where a fit goes on.</remarks>
internal sealed class FitRun : IDisposable
{
    /// <summary>Name of the result in a fit's folder.</summary>
    public const string ResultName = "fit.json";

    private const string NetworkFolder = "network", CandidatesFolder = "candidates", AnswersName = "held-out.safetensors";

    private readonly FitRecipe recipe;
    private readonly string path;
    private readonly FitWatcher watcher;
    private readonly Dataset data;
    private readonly RunImages images;
    private readonly Dataset? unlabelled;
    private readonly UnlabelledData? beside;
    private readonly FitTeacher? teacher;
    private readonly IReadOnlyList<ITeacherFormat> formats;
    private readonly CancellationToken cancel;
    private readonly List<string> notes = [];

    /// <inheritdoc cref="FitRun"/>
    /// <param name="recipe">What is done.</param>
    /// <param name="path">The fit's folder.</param>
    /// <param name="formats">Formats of teachers of the caller's.</param>
    /// <param name="watcher">Is told what happens.</param>
    /// <param name="cancel">Stops it; what was finished stays.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public FitRun(FitRecipe recipe, string path, IReadOnlyList<ITeacherFormat> formats, FitWatcher watcher, CancellationToken cancel)
    {
        this.path = path;
        (this.watcher, this.cancel) = (watcher, cancel);
        var whole = Experiment.Resolve(recipe.Base) with { HoldOut = recipe.Base.HeldOutPart, TeacherCache = "off" };
        this.recipe = recipe with { Base = whole };
        data = DataCatalog.Load(whole.Data, whole.DataOptions, cancel);
        images = RunImages.Select(whole with { HoldOut = 0 }, data);
        FitSurvey.Check(images, whole.Data);
        unlabelled = UnlabelledData.Read(whole, images, cancel);
        beside = whole.Unlabelled is null ? null : UnlabelledData.Load(whole, images, unlabelled, cancel);
        teacher = whole.Teacher is null ? null : FitTeacher.Open(
            whole, images.Train, beside, data.Hash, Path.Combine(path, "signals"), formats, cancel);
        this.formats = teacher is null ? formats : [teacher.Format, .. formats];
        notes.AddRange([.. data.Notes, .. teacher?.Notes ?? [], .. beside?.Notes ?? []]);
    }

    /// <summary>Does it all, and writes the result.</summary>
    public FitResult Do()
    {
        foreach (var note in notes) watcher.Say(note);
        var ways = new List<FitWay>();
        TeacherWays? own = null;
        var candidates = recipe.Candidates;
        if (teacher is not null)
        {
            watcher.Say("The teacher is asked about all images, once.");
            watcher.Ask(progress => teacher.AskAll(recipe.Base, progress, cancel));
            using var read = teacher.Read(images.Train, cancel);
            own = TeacherWays.Compare(read, Folds(), images.Train.Classes, cancel);
            ways.AddRange(own.Ways);
            if (own.KnowsNothing)
            {
                Note(Invariant($"The teacher knows nothing of these images: at best it is right on {own.Best.Accuracy:0.0} % of the ")
                    + Invariant($"held-out ones, and guessing on {100.0 / images.Train.Classes:0.0} %. It is left out."));
                candidates = [.. candidates.Where(one => !Methods.Create(one.Method, recipe.Base.Losses).HasTeacher)];
                if (candidates.Count == 0)
                    throw new InputException("The teacher knows nothing of these images, and every candidate needs it. Name another "
                        + "teacher, or add the candidate 'student'.");
            }
        }
        var answers = candidates.ToDictionary(one => one, _ => new List<HeldOutAnswers>());
        if (CanHoldOut)
            for (var part = 0; part < recipe.Parts; part++)
                foreach (var candidate in candidates)
                {
                    answers[candidate].Add(Compared(candidate, part));
                    if (part == recipe.Parts - 1) watcher.Say(Line(Way(candidate, answers[candidate])));
                }
        else Note("Every class has a single training image, so that nothing can be held out to compare ways by: "
            + $"'{candidates[0].Name}' is taken.");
        ways.AddRange(candidates.Where(one => answers[one].Count > 0).Select(one => Way(one, answers[one])));
        var winner = candidates.OrderByDescending(one => answers[one].Count == 0 ? 0 : Way(one, answers[one]).Accuracy)
            .ThenBy(one => answers[one].Count == 0 ? 0 : Way(one, answers[one]).LogLoss).First();
        var result = Finish(winner, HeldOutAnswers.Join(answers[winner]), ways, own is { KnowsNothing: true } ? null : own)
            with { Help = Help(answers) };
        RunFolder.WriteText(Path.Combine(path, ResultName), JsonSerializer.Serialize(result, RunFolder.Json) + "\n");
        return result;
    }

    /// <summary>What the teacher brings on the held-out images, image by image.</summary>
    private FitHelp? Help(IReadOnlyDictionary<FitCandidate, List<HeldOutAnswers>> answers)
    {
        var known = answers.Where(own => own.Value.Count > 0).ToDictionary(own => own.Key, own => HeldOutAnswers.Join(own.Value));
        bool Taught(FitCandidate one) => Methods.Create(one.Method, recipe.Base.Losses).HasTeacher;
        var alone = known.Where(own => !Taught(own.Key)).OrderByDescending(own => Accuracy(own.Value)).FirstOrDefault();
        var taught = known.Where(own => Taught(own.Key)).OrderByDescending(own => Accuracy(own.Value)).FirstOrDefault();
        if (alone.Key is null || taught.Key is null) return null;
        var gain = PairedDifference.Of(taught.Value.Right, alone.Value.Right);
        return new FitHelp(taught.Key.Name, Percent.Of(gain.Mean), Percent.Of(gain.Low), Percent.Of(gain.High));
    }

    private static double Accuracy(HeldOutAnswers answers) => answers.Right.Average(one => one ? 1.0 : 0);

    /// <summary>The best candidate of an unfinished fit, in a sentence; null where none was compared yet.</summary>
    public static string? BestSoFar(FitRecipe recipe, string path)
    {
        string Folder(FitCandidate candidate) => Path.Combine(path, CandidatesFolder, candidate.Name, "0");
        var best = recipe.Candidates.Where(one => File.Exists(Path.Combine(Folder(one), AnswersName)))
            .Select(one => (One: one, Answers: HeldOutAnswers.Load(Path.Combine(Folder(one), AnswersName))))
            .OrderByDescending(own => Accuracy(own.Answers)).FirstOrDefault();
        return best.One is null ? null
            : Invariant($"The best so far is '{best.One.Name}', right on {100 * Accuracy(best.Answers):0.0} % of ")
            + Invariant($"{best.Answers.Labels.Length} held-out images; its network is in {Folder(best.One)}.");
    }

    /// <summary>Where a fit's network lies.</summary>
    public static string NetworkIn(string path) => Path.Combine(path, NetworkFolder);

    /// <inheritdoc/>
    public void Dispose() => teacher?.Dispose();

    private bool CanHoldOut => data.Validation is not null || images.Train.Labels.CountBy(label => label).Any(own => own.Value > 1);

    /// <summary>The parts of the images that ways are compared on, as positions.</summary>
    private List<(IReadOnlyList<int> Train, IReadOnlyList<int> HeldOut)> Folds()
    {
        if (data.Validation is not null)
            return [.. Enumerable.Range(0, 4).Select(part => Positions(images.Train.Fold(part, 4, recipe.Base.Seeds.HoldOut)))];
        return [.. Enumerable.Range(0, recipe.Parts).Select(part =>
        {
            var divided = RunImages.Select(recipe.Candidates[0].Compared(recipe, part), data);
            return Positions((divided.Train, divided.HeldOut));
        }).Where(fold => fold.HeldOut.Count > 0)];
    }

    private (IReadOnlyList<int> Train, IReadOnlyList<int> HeldOut) Positions((ImageSet Train, ImageSet HeldOut) divided)
    {
        var place = images.Train.SampleIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        IReadOnlyList<int> Places(ImageSet set) => [.. set.SampleIds.Select(id => place[id])];
        return (Places(divided.Train), Places(divided.HeldOut));
    }

    /// <summary>What a candidate, trained on a part of the images, says of the others.</summary>
    private HeldOutAnswers Compared(FitCandidate candidate, int part)
    {
        var folder = Path.Combine(path, CandidatesFolder, candidate.Name, $"{part}");
        var file = Path.Combine(folder, AnswersName);
        if (File.Exists(file)) return HeldOutAnswers.Load(file);
        using var experiment = Experiment.Prepare(candidate.Compared(recipe, part), data, unlabelled, formats, cancel);
        if (experiment.Task.HeldOut.Count == 0) return new HeldOutAnswers([], [], []); // more parts than images of any class
        using var held = Held(folder);
        watcher.Train($"{candidate.Name}{(recipe.Parts > 1 ? $", part {part + 1} of {recipe.Parts}" : "")}",
            progress => experiment.Train(held, progress, cancel));
        using var read = NetworkReader.Read(experiment.Task.Student, experiment.Task.HeldOut, cancel);
        var answers = HeldOutAnswers.Of(read, experiment.Task.HeldOut.SampleIds);
        answers.Save(file);
        return answers;
    }

    private static RunFolder Held(string folder) =>
        File.Exists(Path.Combine(folder, RunFolder.RecipeName)) ? RunFolder.Open(folder) : RunFolder.Create(folder);

    private static FitWay Way(FitCandidate candidate, IReadOnlyList<HeldOutAnswers> parts)
    {
        var all = HeldOutAnswers.Join(parts);
        var loss = Evaluation.Temperature.Loss(all.Logits, all.Labels, 0) / Math.Max(1, all.Labels.Length);
        return new FitWay(candidate.Name, true, Percent.Of(Accuracy(all)), all.Labels.Length, Math.Round(loss, 4));
    }

    private static string Line(FitWay way) => Invariant($"{way.Name}: {way.Accuracy:0.0} % of {way.Images} held-out images");

    private FitResult Finish(FitCandidate winner, HeldOutAnswers heldOut, List<FitWay> ways, TeacherWays? own)
    {
        var folder = NetworkIn(path);
        using var experiment = Experiment.Prepare(winner.In(recipe), data, unlabelled, formats, cancel);
        using var held = Held(folder);
        if (!File.Exists(held.ResultFile))
            watcher.Train($"{winner.Name} on all {experiment.Task.Train.Count} training images",
                progress => experiment.Run(held, progress, cancel));
        else NetworkFileOf(held, experiment.Task.Student);
        var student = experiment.Task.Student;
        using var tested = NetworkReader.Read(student, images.Test, cancel);
        Calibrate(held, student, heldOut, tested);
        var right = TopK.Right(tested.Logits, tested.Labels);
        student.Freeze();
        return new FitResult
        {
            Ways = [.. ways.OrderByDescending(way => way.Accuracy)], Winner = winner.Name, Notes = notes,
            Classes = images.Train.ClassNames, TrainImages = images.Train.Count,
            UnlabelledImages = experiment.Task.Unlabelled?.Images.Count ?? 0,
            Network = folder, Student = student.Architecture, Bytes = student.parameters().Sum(one => one.numel()) * sizeof(float),
            Milliseconds = Math.Round(Latency.Of(student, images.Test.Store.ViewShape), 2),
            Test = FitMeasure.Of(right), Teacher = own is null ? null : OfTeacher(own, right),
            Review = heldOut.Labels.Length == 0 ? null : Review(student, heldOut, own),
        };
    }

    private static void NetworkFileOf(RunFolder held, EmbeddingNetwork student)
    {
        using var last = Weights.NetworkFile.Load(held.LastNetworkFile, Precision.Fp32).Network;
        Weights.ModuleState.Restore(Weights.ModuleState.Of(student), Weights.ModuleState.Of(last), $"'{held.LastNetworkFile}'");
    }

    /// <summary>The network's probabilities are made honest by what its shorter sisters said of images that they hadn't seen.</summary>
    private void Calibrate(RunFolder held, EmbeddingNetwork student, HeldOutAnswers heldOut, Readings tested)
    {
        if (heldOut.Labels.Length == 0) return;
        using var read = heldOut.Readings();
        using var others = NetworkReader.Read(student, images.Others, cancel);
        Calibration.Of(FileHash.Of(held.NetworkFile), read, tested, (others, $"other classes of {data.Name}"))
            .Save(Path.Combine(held.Path, Calibration.NameInRun));
    }

    /// <summary>Who is right more often judges labels: the student's shorter sisters, or the teacher itself.</summary>
    private FitReview Review(EmbeddingNetwork student, HeldOutAnswers heldOut, TeacherWays? own)
    {
        var teachers = own is not null && own.Best.Accuracy > Percent.Of(Accuracy(heldOut));
        return new FitReviewer(recipe.Base, data, images.Train.ClassNames, unlabelled, beside, cancel)
            .Write(Path.Combine(path, LabelReview.FileName), teachers ? OfTeacher(own!) : heldOut, student, heldOut);
    }

    /// <summary>What the teacher itself says of each training image by the others.</summary>
    private HeldOutAnswers OfTeacher(TeacherWays own)
    {
        const int parts = 4;
        using var read = teacher!.Read(images.Train, cancel);
        return own.OutOfFold(read, images.Train.SampleIds,
            [.. Enumerable.Range(0, parts).Select(part => Positions(images.Train.Fold(part, parts, recipe.Base.Seeds.HoldOut)))
                .Where(fold => fold.HeldOut.Count > 0)], images.Train.Classes, cancel);
    }

    private FitTeacherMeasure OfTeacher(TeacherWays own, IReadOnlyList<bool> student)
    {
        using var train = teacher!.Read(images.Train, cancel);
        using var test = teacher.ReadNew(images.Test, cancel);
        var right = own.Test(train, test, images.Train.Classes, cancel);
        var gain = PairedDifference.Of(right, student);
        var one = images.Test.At([0]);
        return new FitTeacherMeasure(own.Best.Name, FitMeasure.Of(right),
            Percent.Of(gain.Mean), Percent.Of(gain.Low), Percent.Of(gain.High), teacher.Bytes,
            Math.Round(Latency.Of(() => teacher.ReadNew(one, cancel).Dispose(), 10), 2));
    }

    private void Note(string text)
    {
        notes.Add(text);
        watcher.Say(text);
    }
}
