using Refilled.Data;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Tests.Experiments;

/// <summary>Which images of which classes a network is measured on. Images and networks have 8 pixels.</summary>
public sealed class NetworkEvaluationTests : IDisposable
{
    private static readonly string[] Kinds = ["ants", "bees", "crabs"];

    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    private NetworkEvaluation Of(string photos, IReadOnlyList<string>? known = null, bool other = true) =>
        new(files.Network(classes: known ?? Kinds), new Recipe
        {
            Data = "folder:" + photos, ImageSize = 8, Method = "student", Device = "cpu", Threads = 1, Precision = PrecisionChoice.Fp32,
        })
        {
            OtherData = other,
        };

    private static NetworkMeasures Run(NetworkEvaluation evaluation) => evaluation.Run([], TestContext.Current.CancellationToken);

    private static string Refused(NetworkEvaluation evaluation) => Assert.Throws<InputException>(() => Run(evaluation)).Message;

    [Fact]
    public void Of_other_data_without_test_images_all_are_measured()
    {
        var measured = Run(Of(files.Photographs("photos", 5, Kinds)));
        Assert.Equal((15, MeasuredPart.All), (measured.Result.Images, measured.Part));
        Assert.Equal((null, null), (measured.Result.Ncm, measured.Result.Nn1));
        Assert.Equal([5, 5, 5], measured.Classes.Select(one => one.Images));
        Assert.Equal(measured.Result.Top1 * 15, measured.Classes.Sum(one => one.Right), 1e-9);
        Assert.Contains(measured.Notes, note => note.Contains("all 15 images are measured", StringComparison.Ordinal));
        Assert.Contains(measured.Notes, note => note.Contains("nearest neighbour are left out", StringComparison.Ordinal));
        Assert.Equal((15, 15), (measured.Reading.Images, measured.Measuring.Images));
        Assert.True(measured.Reading.ImagesPerSecond > 0 && measured.Measuring.ImagesPerSecond > 0);
    }

    [Fact]
    public void A_class_of_one_image_is_enough() =>
        Assert.Equal(3, Run(Of(files.Photographs("photos", 1, Kinds))).Result.Images);

    [Fact]
    public void A_folder_of_a_single_class_is_measured_too()
    {
        var measured = Run(Of(files.Photographs("photos", 5, Kinds[1])));
        Assert.Equal((5, 1), (measured.Result.Images, measured.Classes.Count(one => one.Images > 0)));
        Assert.Contains(measured.Notes, note => note.Contains("1 of the network's 3 classes", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_runs_own_data_the_part_that_was_set_aside_is_measured()
    {
        var measured = Run(Of(files.Photographs("photos", 5, Kinds), other: false));
        Assert.Equal((3, MeasuredPart.Test), (measured.Result.Images, measured.Part));
        Assert.NotNull(measured.Result.Ncm);
        Assert.Contains(measured.Notes, note => note.Contains("set aside for the test", StringComparison.Ordinal));
    }

    [Fact]
    public void Data_that_the_network_was_trained_on_are_known_elsewhere_too()
    {
        var photos = files.Photographs("photos", 5, Kinds);
        var trainedOn = DataCatalog.Load("folder:" + photos, new DataOptions { ImageSize = 8 }).Hash;
        var measured = Run(Of(photos) with { TrainedOn = trainedOn });
        Assert.Equal((3, MeasuredPart.Test), (measured.Result.Images, measured.Part));
        Assert.Equal(Run(Of(photos, other: false)).Result.Right, measured.Result.Right);
        Assert.Contains(measured.Notes, note => note.Contains("the other 3 are measured", StringComparison.Ordinal));
        Assert.Equal(15, Run(Of(photos) with { TrainedOn = "another" }).Result.Images);
    }

    [Fact]
    public void Test_images_come_first_and_then_validation_images()
    {
        files.Photographs("photos/train", 4, Kinds);
        files.Photographs("photos/val", 3, Kinds);
        var evaluation = Of(files.Folder["photos"]);
        var measured = Run(evaluation);
        Assert.Equal((9, MeasuredPart.Validation), (measured.Result.Images, measured.Part));
        Assert.NotNull(measured.Result.Nn1);
        files.Photographs("photos/test", 2, Kinds);
        Assert.Equal((6, MeasuredPart.Test), (Run(evaluation) is var again ? (again.Result.Images, again.Part) : default));
    }

    [Fact]
    public void Classes_are_matched_by_name_and_some_are_enough()
    {
        var photos = files.Photographs("photos", 4, "bees", "crabs");
        var measured = Run(Of(photos));
        Assert.Equal(8, measured.Result.Images);
        Assert.Equal(["bees", "crabs"], measured.Classes.Select(one => one.Name).Order());
        Assert.Contains(measured.Notes, note => note.Contains("2 of the network's 3 classes", StringComparison.Ordinal)
            && note.Contains("1 (ants)", StringComparison.Ordinal));
        // The same network with other names for its outputs: no image is right by two of them.
        var renamed = Run(Of(photos, ["crabs", "ants", "bees"]));
        Assert.Equal(8, renamed.Result.Images);
        Assert.All(measured.Result.Right.Zip(renamed.Result.Right), pair => Assert.False(pair.First && pair.Second));
        var third = Run(Of(photos, ["bees", "crabs", "ants"]));
        Assert.Contains(true, measured.Result.Right.Concat(renamed.Result.Right).Concat(third.Result.Right));
    }

    [Fact]
    public void Classes_that_the_network_does_not_know_are_named()
    {
        var message = Refused(Of(files.Photographs("photos", 2, "ants", "bee", "crabs", "wasps")));
        Assert.Contains("doesn't know 2 (bee, wasps). Did you mean 'bees'? It knows 3 (ants, bees, crabs)", message,
            StringComparison.Ordinal);
        Assert.Contains("--classes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runs_choice_of_classes_holds_where_it_makes_sense()
    {
        var photos = files.Photographs("photos", 2, "ants", "bees", "wasps");
        var evaluation = Of(photos) with { OwnClasses = false };
        evaluation = evaluation with { Recipe = evaluation.Recipe with { Classes = "0-1" } };
        var measured = Run(evaluation);
        Assert.Equal(["ants", "bees"], measured.Classes.Select(one => one.Name).Order());
        Assert.Contains(measured.Notes,
            note => note.Contains("the 2 are measured that the network's run chose, '0-1'", StringComparison.Ordinal));
        // Else all are meant.
        var others = Of(files.Photographs("others", 2, "ants", "bees")) with { OwnClasses = false };
        Assert.Equal(4, Run(others with { Recipe = others.Recipe with { Classes = "5-9" } }).Result.Images);
        Assert.Contains("names the class 5", Refused(others with { OwnClasses = true, Recipe = others.Recipe with { Classes = "5-9" } }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Another_size_than_the_networks_own_is_told()
    {
        var evaluation = Of(files.Photographs("photos", 2, Kinds));
        Assert.DoesNotContain(Run(evaluation).Notes, note => note.Contains("resized", StringComparison.Ordinal));
        Assert.Contains(Run(evaluation with { Recipe = evaluation.Recipe with { ImageSize = 16 } }).Notes,
            note => note.Contains("was trained on images of 8×8 pixels, and the views have 16×16: it sees each of them resized to 8×8",
                StringComparison.Ordinal));
    }
}
