using System.CommandLine;
using System.Diagnostics;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Recipes;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled data</c>, and of its verbs <c>inspect</c>: what is in a data set.</summary>
internal static class DataCommand
{
    private const int RepeatsShown = 5, RepeatsListed = 100;

    public static Command Create(Terminal terminal)
    {
        var spec = new Argument<string>("data") { Description = "The data, such as my/photos or cifar100:<path>." };
        var json = Options.Json("the facts");
        var size = new Option<int?>("--image-size") { Description = "Height and width of the views in pixels.", HelpName = "pixels" };
        var depth = Options.Number("--depth", "n", "How many folders name a class in a folder of images (1).", otherwise: 0, least: 1,
            most: 8);
        var groupBy = Options.Text("--group-by", "rule", "What says which images belong together: a column of a list, or a pattern of the "
            + "files' names with one group.");
        var sheet = Options.Text("--sheet", "file.png", "Write a sample sheet: a PNG with some images of each class.");
        var views = Options.Number("--views", "n", "Show n views of each image on the sheet, beside it (0).", otherwise: 0, least: 0,
            most: 64);
        var augmentation = Options.Text("--augmentation", "augmentation", "What varies between them: usual, letters, photos, small, none, "
            + "or as in recipes, such as \"{preset: letters, mixup: 0.2}\".", "usual");
        var inspect = new Command("inspect", "Show classes, counts, sizes, checksum, and pictures that stand "
            + "twice: in two classes, or in training and test.") { spec, size, depth, groupBy, sheet, views, augmentation, json };
        inspect.SetAction((parsed, cancel) =>
        {
            var varied = RecipeReader.Read<Shown>(null, [new RecipeEdit("augmentation", parsed.GetValue(augmentation)!, "--augmentation")]);
            var watch = Stopwatch.StartNew();
            var data = DataCatalog.Load(parsed.GetValue(spec)!,
                new DataOptions
                {
                    ImageSize = parsed.GetValue(size), SkipBad = true,
                    Depth = parsed.GetValue(depth) is > 0 and var levels ? levels : null, GroupBy = parsed.GetValue(groupBy),
                }, cancel);
            var reading = new Pace(data.Count, watch.Elapsed.TotalSeconds);
            watch.Restart();
            var duplicates = Duplicates.Find(data, cancel);
            var comparing = new Pace(data.Count, watch.Elapsed.TotalSeconds);
            if (parsed.GetValue(json)) WriteJson(terminal, data, duplicates, reading, comparing);
            else Print(terminal, data, duplicates, reading, comparing);
            if (parsed.GetValue(sheet) is { } path)
                SampleSheet.Save(path, data.Train.With(varied.Augmentation), views: parsed.GetValue(views));
            return Task.FromResult(ExitCode.Done);
        });
        return new Command("data", "Fetch data sets and look at them.") { inspect, DataFetchCommand.Create(terminal) };
    }

    /// <summary>What of a recipe can be looked at on a sheet.</summary>
    internal sealed record Shown
    {
        /// <summary>What varies between the views of an image.</summary>
        public Augmentation Augmentation { get; init; } = new();
    }

    private static void WriteJson(Terminal terminal, Dataset data, Duplicates duplicates, Pace reading, Pace comparing)
    {
        var (train, test) = (Counts(data.Train), Counts(data.Test));
        static object Told(IReadOnlyList<Repeat> repeats) => new { repeats.Count, Pictures = repeats.Take(RepeatsListed) };
        static object Both(Repeats repeats) =>
            new { InTwoClasses = Told(repeats.InTwoClasses), InTwoParts = Told(repeats.InTwoParts) };
        terminal.WriteJson(new
        {
            data.Name,
            data.Train.Store.ViewShape.Channels,
            data.Train.Store.ViewShape.Height,
            data.Train.Store.ViewShape.Width,
            TrainImages = data.Train.Count,
            ValidationImages = data.Validation?.Count ?? 0,
            TestImages = data.Test.Count,
            data.Sizes,
            data.Hash,
            data.Notes,
            data.Bad,
            Duplicates = new { Exact = Both(duplicates.Exact), Near = Both(duplicates.Near) },
            Reading = reading,
            Comparing = comparing,
            Classes = data.Train.ClassNames.Select((name, i) => new { Id = i, Name = name, Train = train[i], Test = test[i],
                Group = Group(data, i) }),
        });
    }

    private static void Print(Terminal terminal, Dataset data, Duplicates duplicates, Pace reading, Pace comparing)
    {
        var (train, test) = (Counts(data.Train), Counts(data.Test));
        var shape = data.Train.Store.ViewShape;
        terminal.Print($"{data.Name}: {data.Train.Classes} classes, {data.Train.Count} training and {data.Test.Count} test images, "
            + $"{shape.Width}×{shape.Height}, {shape.Channels} channels");
        if (data.Validation is { } validation) terminal.Print($"{validation.Count} validation images");
        if (data.Sizes is { } sizes)
            terminal.Print($"files of {sizes.LeastWidth} to {sizes.MostWidth} pixels in width "
                + $"and {sizes.LeastHeight} to {sizes.MostHeight} in height");
        terminal.Print($"content hash {data.Hash}");
        terminal.Print($"read {reading}, compared {comparing}");
        foreach (var note in data.Notes) terminal.Print($"{note}");
        foreach (var bad in data.Bad) terminal.Print($"bad: {bad.Name} {bad.Reason}");
        Tell(terminal, "the same picture in two classes", duplicates.Exact.InTwoClasses);
        Tell(terminal, "the same picture in two of training, validation and test", duplicates.Exact.InTwoParts);
        Tell(terminal, "nearly the same picture in two classes", duplicates.Near.InTwoClasses);
        Tell(terminal, "nearly the same picture in two of training, validation and test", duplicates.Near.InTwoParts);
        for (var i = 0; i < data.Train.Classes; i++)
            terminal.Print($"{i,5}  {data.Train.ClassNames[i],-24} {train[i],6} training {test[i],6} test  {Group(data, i)}");
    }

    private static void Tell(Terminal terminal, string what, IReadOnlyList<Repeat> repeats)
    {
        terminal.Print($"{what}: {repeats.Count}");
        foreach (var (first, again) in repeats.Take(RepeatsShown)) terminal.Print($"  {first} = {again}");
        if (repeats.Count > RepeatsShown) terminal.Print($"  and {repeats.Count - RepeatsShown} more");
    }

    private static string? Group(Dataset data, int label) =>
        data.Groups is { } groups ? groups.Names[groups.GroupOf[label]] : null;

    private static int[] Counts(ImageSet set)
    {
        var counts = new int[set.Classes];
        foreach (var label in set.Labels) counts[label]++;
        return counts;
    }
}
