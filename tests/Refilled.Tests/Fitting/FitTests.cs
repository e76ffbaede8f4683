using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Recipes;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Fitting;

/// <summary>A fit from the plan to the sentences, on tiny images.</summary>
public sealed class FitTests : IDisposable
{
    private const string Data = "generated:0,classes=4,train=12,test=4";
    private readonly FewShotFiles files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => files.Dispose();

    private FitRecipe Recipe(int folds = 1, string data = Data) => new()
    {
        Base = new Recipe
        {
            Data = data, ImageSize = 32, Method = "student",
            Student = "wrn-10-1", Teacher = files.Network("teacher", size: 32), HoldOut = 0.25, Batch = 16,
            Views = 2, Device = "cpu", Precision = PrecisionChoice.Fp32, Threads = 1, ImagesPerClass = 8, Unlabelled = "rest",
        },
        Candidates =
        [
            new() { Method = "student", Epochs2 = 4, Views = 0 }, new() { Method = "regress+lkd", Epochs1 = 4, Epochs2 = 4, Rate2 = 0.05 },
        ],
        Folds = folds, Screening = 0.5,
    };

    private static FitWatcher Counting(List<string> trained) => new()
    {
        Train = (name, work) =>
        {
            trained.Add(name);
            work(null);
        },
    };

    [Fact]
    public void Candidates_are_compared_the_best_is_trained_on_all_and_what_is_finished_is_taken_up()
    {
        var trained = new List<string>();
        var recipe = Recipe(folds: 2, files.Photographs("photos", 12, "a", "b", "c", "d"));
        var result = Fit.Run(recipe, files.Folder["fit"], [], Counting(trained), Cancel);
        Assert.Equal(5, trained.Count);
        Assert.Equal(["student, part 1 of 2", "regress+lkd, part 1 of 2"], trained[..2]);
        Assert.EndsWith("on all 32 training images", trained[^1], StringComparison.Ordinal);
        Assert.Equal(["lr", "ncm", "regress+lkd", "student"], result.Ways.Select(way => way.Name).Order());
        Assert.All(result.Ways, way => Assert.Equal(32, way.Images)); // each held out once
        Assert.Equal(result.Ways.Where(way => way.Trained).MaxBy(way => way.Accuracy)!.Accuracy,
            result.Ways.Single(way => way.Name == result.Winner).Accuracy);
        Assert.Equal((32, 8, 4), (result.TrainImages, result.Test.Images, result.Classes.Count));
        Assert.Equal(result.Winner == "student" ? 0 : 8, result.UnlabelledImages);
        Assert.True(File.Exists(Path.Combine(result.Network, RunFolder.NetworkName)));
        Assert.True(File.Exists(Path.Combine(result.Network, "calibration.json")));
        Assert.NotNull(result.Help);
        Assert.InRange(FitWords.Of(result).Count(), 2, 3);

        trained.Clear();
        var again = Fit.Run(recipe, files.Folder["fit"], [], Counting(trained), Cancel);
        Assert.Empty(trained);
        Assert.Equal((result.Winner, result.Test, result.Help), (again.Winner, again.Test, again.Help));
        Assert.Contains("screening", Assert.Throws<InputException>(() =>
            Fit.Run(recipe with { Screening = 1 }, files.Folder["fit"], cancel: Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_recipe_gives_the_same_network()
    {
        byte[] Network(string name) =>
            File.ReadAllBytes(Path.Combine(Fit.Run(Recipe(), files.Folder[name], cancel: Cancel).Network, RunFolder.NetworkName));
        Assert.Equal(Network("one"), Network("other"));
    }

    [Fact]
    public void Stopped_it_says_what_is_best_so_far()
    {
        var (recipe, folder) = (Recipe(), files.Folder["fit"]);
        Assert.Null(FitRun.BestSoFar(recipe, folder));
        using var stop = new CancellationTokenSource();
        var trained = 0;
        Assert.Throws<OperationCanceledException>(() => Fit.Run(recipe, folder, [], new FitWatcher
        {
            Train = (_, work) =>
            {
                if (++trained == 2) stop.Cancel();
                work(null);
            },
        }, stop.Token));
        Assert.Contains("The best so far is 'student'", FitRun.BestSoFar(recipe, folder), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_fitted_is_said_first()
    {
        string Refused(FitRecipe recipe) => Assert.Throws<InputException>(() =>
            Fit.Run(recipe, files.Folder[Guid.NewGuid().ToString("N")], cancel: Cancel)).Message;
        var same = MadeUpFiles.Picture(1);
        MadeUpFiles.Folder(files.Folder["same"], from c in new[] { "a", "b" } from i in Enumerable.Range(0, 4)
                                                 select KeyValuePair.Create($"{c}/{i}.png", same));
        var plain = Recipe() with { Candidates = [new() { Method = "student" }] };
        plain = plain with { Base = plain.Base with { Teacher = null, Unlabelled = null, ImagesPerClass = null } };
        Assert.Contains("the same picture", Refused(plain with { Base = plain.Base with { Data = files.Folder["same"] } }),
            StringComparison.Ordinal);
        MadeUpFiles.Folder(files.Folder["full"], [new("file.txt", [1])]);
        Assert.Contains("not empty", Assert.Throws<InputException>(() =>
            Fit.Run(plain, files.Folder["full"], cancel: Cancel)).Message, StringComparison.Ordinal);
        Assert.Contains(plain.Validate().Concat((plain with { Candidates = [] }).Validate()), problem => problem.Path == "candidates");
        Assert.Contains((plain with { Candidates = [new() { Method = "lkd" }] }).Validate(),
            problem => problem.Message.Contains("reads a teacher", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_divides_the_time_and_reads_back_the_same()
    {
        var request = new FitRequest
            { Data = Data, Time = TimeSpan.FromMinutes(10), Student = "wrn-10-1", Precision = PrecisionChoice.Fp32 };
        var alone = Fit.Plan(request, cancel: Cancel);
        Assert.Equal(["student"], alone.Candidates.Select(one => one.Method));
        Assert.Equal(1, alone.Folds); // there is nothing to choose
        var taught = Fit.Plan(request with { Teacher = files.Network("teacher", size: 32) }, cancel: Cancel);
        Assert.Equal(("regress+lkd", StartingClassifier.ClassMeans), (taught.Candidates[0].Method, taught.Candidates[0].Classifier));
        Assert.Equal(StartingClassifier.ClassMeans, taught.Candidates[0].In(taught).Stage2.Classifier);
        Assert.Contains(taught.Candidates, one => one.Method == "student");
        Assert.True(taught.Folds > 1);
        var file = files.Folder.Write("fit.yaml", RecipeWriter.Write(taught));
        Assert.Empty(RecipeWriter.Differences(RecipeReader.Read<FitRecipe>(file, []), taught));
        Assert.Contains("too short", Assert.Throws<InputException>(() =>
            Fit.Plan(request with { Time = TimeSpan.FromMilliseconds(1) }, cancel: Cancel)).Message, StringComparison.Ordinal);
        Assert.Contains("meets the limits", Assert.Throws<InputException>(() =>
            Fit.Plan(request with { MaxBytes = 1000 }, cancel: Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_knows_nothing_is_told_from_one_that_knows()
    {
        var labels = Enumerable.Range(0, 80).Select(i => (long)(i % 4)).ToArray();
        IReadOnlyList<int> even = [.. Enumerable.Range(0, 80).Where(i => i / 4 % 2 == 0)], odd = [.. Enumerable.Range(0, 80).Except(even)];
        TeacherWays Ways(double signal)
        {
            using var scope = NewDisposeScope();
            var own = nn.functional.one_hot(tensor(labels), 8).to(ScalarType.Float32).Times(signal);
            using var read = new Readings(Rows.Random(80, 8, 1).Plus(own).DetachFromDisposeScope(), empty(80, 0).DetachFromDisposeScope(),
                tensor(labels).DetachFromDisposeScope());
            return TeacherWays.Compare(read, [(even, odd), (odd, even)], 4, Cancel);
        }
        Assert.True(Ways(0).KnowsNothing);
        Assert.False(Ways(3).KnowsNothing);
        Assert.All(Ways(3).Ways, way => Assert.True(way is { Images: 80, Accuracy: > 70 }));
    }

    [Fact]
    public void Drawings_are_told_from_photographs()
    {
        var letters = DataCatalog.Load("letters:0,train=2");
        Assert.True(Drawings.Are(letters.Train));
        Assert.False(Drawings.Are(DataCatalog.Load(Data).Train));
        Assert.False(Drawings.Are(MadeUpImages.Set(10, 2)));
    }

    [Fact]
    public void An_accuracy_has_its_interval()
    {
        // Wilson, by hand: 8 of 10.
        var measure = FitMeasure.Of([.. Enumerable.Range(0, 10).Select(i => i < 8)]);
        Assert.Equal((80, 49.02, 94.33, 10), (measure.Accuracy, measure.Low, measure.High, measure.Images));
        Assert.Equal(100, FitMeasure.Of([true, true]).High);
    }
}
