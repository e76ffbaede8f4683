using System.Diagnostics;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Fitting;

/// <summary>Decides how to fit: looks at the images, times a step and a look of the teacher, divides the time.</summary>
/// <param name="request">What is wanted.</param>
/// <param name="formats">Formats of teachers of the caller's.</param>
/// <param name="say">Told what was decided, and why.</param>
/// <param name="cancel">Stops it.</param>
internal sealed class FitPlanner(FitRequest request, IReadOnlyList<ITeacherFormat> formats, Action<string> say, CancellationToken cancel)
{
    /// <summary>Part of the time that isn't planned: loading, measuring, writing.</summary>
    private const double Reserve = 0.1;

    /// <summary>Most of the time that the teacher may be asked for.</summary>
    private const double TeacherShare = 0.35;

    /// <summary>Below so many images of a class ways are compared on folds; 20 as a rule of thumb (ours).</summary>
    private const int Few = 20;

    /// <summary>Most pixels of a batch: what a step keeps to go back grows with them, to a GiB or so.</summary>
    private const int MostPixels = 1 << 20;

    private static readonly string[] Students = ["wrn-16-2", "wrn-16-1", "wrn-10-1"];

    /// <summary>Pixels of a side from which the widest of them isn't tried: its maps alone would fill two GiB.</summary>
    private const int Large = 128;

    /// <summary>The plan.</summary>
    /// <exception cref="InputException">Something can't be used, or the time is too short for a single way.</exception>
    public FitRecipe Plan()
    {
        var watch = Stopwatch.StartNew();
        var (recipe, data) = Load();
        var images = RunImages.Select(recipe with { HoldOut = 0 }, data);
        FitSurvey.Check(images, recipe.Data);
        var counts = images.Train.Labels.CountBy(label => label).Select(own => own.Value).ToList();
        var batch = images.Train.Count switch { < 256 => 32, < 1000 => 64, _ => 128 };
        var shape = images.Train.Store.ViewShape;
        while (batch > 8 && batch * shape.Height * shape.Width > MostPixels) batch /= 2;
        recipe = recipe with
        {
            Batch = batch,
            HoldOut = 0.2,
            Stage1 = Cosine with { PerClass = batch < 3 * images.Train.Classes ? Math.Min(4, counts.Max()) : 1 },
            Losses = batch < 3 * images.Train.Classes ? FewOfEach : new LossOptions(),
        };
        var beside = recipe.Unlabelled is null ? null : UnlabelledData.Load(recipe, images, null, cancel);
        if (Drawings.Are(images.Train))
        {
            recipe = recipe with { Augmentation = new Augmentation { Preset = AugmentationPreset.Letters } };
            say("The images are drawings in one colour, so that their views aren't mirrored, as letters mustn't be.");
        }
        say(Invariant($"{images.Train.Classes} classes, {images.Train.Count} training images ({counts.Min()} to {counts.Max()} of each), ")
            + Invariant($"{images.Test.Count} test images{(beside is null ? "" : $", {beside.Images.Count} without labels")}, ")
            + Invariant($"seen at {shape.Height} pixels."));

        var budget = request.Time.TotalSeconds * (1 - Reserve) - watch.Elapsed.TotalSeconds;
        (recipe, var teaching) = WithTeacher(recipe, images, beside?.Images.Count ?? 0, budget);
        var few = data.Validation is null && counts.Min() < Few && counts.Max() > 1;
        FitRecipe? plan = null;
        var students = (request.Student is { } named ? [named] : shape.Height < Large ? Students : Students[1..])
            .Where(name => Meets(name, images)).ToList();
        if (students.Count == 0)
            throw new InputException($"None of the students ({string.Join(", ", request.Student is { } one ? [one] : Students)}) meets the "
                + "limits of size and latency. Allow more, or name another student.");
        foreach (var student in students)
        {
            var own = recipe with { Student = student };
            var seconds = FitTimes.StepSeconds(own, data, cancel);
            var (made, epochs) = new FitDivision(own, images, few, beside?.Images.Count ?? 0).Of((budget - teaching) / seconds);
            plan = made ?? plan;
            if (made is null || (epochs < FitDivision.Enough && student != students[^1])) continue;
            say(Invariant($"{student}: a step of {Math.Min(batch, images.Train.Count)} images takes {1000 * seconds:0} ms, so that there ")
                + Invariant($"is time for {epochs:0} epochs of the best of {made.Candidates.Count} ways."));
            return made with { Base = made.Base.FromAnywhere() };
        }
        if (plan is not null) return plan with { Base = plan.Base.FromAnywhere() };
        var least = LeastSeconds(recipe with { Student = students[^1] }, data, images, teaching);
        throw new InputException(Invariant($"{request.Time.TotalSeconds:0} s are too short: the least is about {least:0} s on this ")
            + "machine. Allow it with --time.");
    }

    private static StageSettings Cosine => new() { Schedule = ScheduleKind.Cosine, FinalLearningRate = 0 };

    /// <summary>Where a batch holds few images of a class: centres of all of them, as chosen for the letters (docs/findings.md).</summary>
    private static LossOptions FewOfEach => new()
    {
        TripletAlignment = new TripletAlignment { Weight = 100 },
        LocalClassifier = new LocalClassifier
        {
            Centres = Centres.Global, Normalise = Normalisation.Unit, TeacherTemperature = 0.1, Weight = 3,
        },
    };

    private (Recipe Recipe, Dataset Data) Load()
    {
        var recipe = new Recipe
        {
            Data = request.Data, Classes = request.Classes, ImagesPerClass = request.ImagesPerClass, ImageSize = request.ImageSize,
            Depth = request.Depth, GroupBy = request.GroupBy, SkipBad = request.SkipBad, Unlabelled = request.Unlabelled,
            Teacher = request.Teacher, Start = request.Start, Method = "student", Student = Students[^1],
            Stage2 = Cosine, Device = request.Device, Threads = request.Threads, Precision = request.Precision,
            Seeds = new SeedSettings { HoldOut = request.Seed, View = request.Seed, Run = request.Seed },
        };
        var data = DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
        // Small pictures would only be blown up.
        if (request.ImageSize is null && data.Sizes is { } sizes && Math.Min(sizes.MostHeight, sizes.MostWidth) < 48
            && data.Train.Store.ViewShape.Height > 32)
        {
            recipe = recipe with { ImageSize = 32 };
            data = DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
        }
        return (recipe, data);
    }

    /// <summary>Times the teacher, and sets how many views of each image it is asked about.</summary>
    /// <returns>Without a teacher where there is no time for one, and the seconds that it takes.</returns>
    private (Recipe Recipe, double Seconds) WithTeacher(Recipe recipe, RunImages images, int beside, double budget)
    {
        if (recipe.Teacher is null) return (recipe, 0);
        var machine = Machine.Resolve(recipe);
        machine.Take();
        using var opened = Teacher.Open(
            Teacher.Find(recipe.Teacher, formats: formats), machine.Networks with { Layout = recipe.Layout }, formats);
        if (!opened.IsNetwork && !opened.Teach().Provides.HasFlag(Needs.Embedding))
            throw new InputException(
                $"The teacher '{recipe.Teacher}' gives no embedding, and every way of learning from it here reads one.");
        var each = FitTimes.LookSeconds(opened, images.Train);
        double Seconds(int views, int besideViews) =>
            each * ((1.0 + views) * images.Train.Count + images.Test.Count + (double)besideViews * beside);
        foreach (var (views, besideViews) in new[] { (8, 4), (8, 2), (4, 2), (4, 1), (2, 1), (1, 1) })
            if (Seconds(views, besideViews) <= TeacherShare * budget || (views == 1 && Seconds(1, 1) <= 0.6 * budget))
            {
                say(Invariant($"The teacher '{recipe.Teacher}' looks at {1 / each:0} images a second: ")
                    + Invariant($"it is asked about {views} views of each."));
                return (recipe with
                {
                    Setting = ClassRelation.Of(opened.ClassNames, images.Train.ClassNames), Views = views,
                    Stage1 = recipe.Stage1 with { Views = beside > 0 && besideViews < views ? besideViews : null },
                }, Seconds(views, besideViews));
            }
        say(Invariant($"The teacher '{recipe.Teacher}' looks at {1 / each:0} images a second, and one look at each takes ")
            + Invariant($"{Seconds(1, 1):0} s: that leaves no time to learn from it, and it is left out. With more --time it is asked."));
        return (recipe with { Teacher = null, Unlabelled = null }, 0);
    }

    /// <summary>Whether a student is as small and as quick as asked for.</summary>
    private bool Meets(string student, RunImages images)
    {
        if (request.MaxBytes is null && request.MaxMilliseconds is null) return true;
        var shape = images.Train.Store.ViewShape;
        using var network = NetworkCatalog.Create(student, new NetworkOptions(images.Train.Classes)
            { Input = InputSpec.Square(shape.Height, ChannelStatistics.ImageNet) });
        network.Freeze();
        return network.parameters().Sum(one => one.numel()) * sizeof(float) <= (request.MaxBytes ?? long.MaxValue)
            && (request.MaxMilliseconds is not { } most || Latency.Of(network, shape) <= most);
    }

    private double LeastSeconds(Recipe recipe, Dataset data, RunImages images, double teaching)
    {
        var steps = 2 * FitDivision.Least * BatchStream.Steps(images.Train.Count, recipe.Batch);
        return (teaching + steps * FitTimes.StepSeconds(recipe, data, cancel)) / (1 - Reserve) + 10;
    }
}
