using System.CommandLine;
using Refilled.Data;
using Refilled.Data.Views;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled data</c>, and of its verbs <c>inspect</c>: what is in a data set.</summary>
internal static class DataCommand
{
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
        var presets = Enum.GetNames<AugmentationPreset>().Select(name => name.ToLowerInvariant()).ToArray();
        var augmentation = Options.Text("--augmentation", "preset", $"What varies between them: {string.Join(", ", presets)}.", "usual");
        augmentation.AcceptOnlyFromAmong(presets);
        var inspect = new Command("inspect", "Show classes, counts, sizes and checksum.")
            { spec, size, depth, groupBy, sheet, views, augmentation, json };
        inspect.SetAction((parsed, cancel) =>
        {
            var data = DataCatalog.Load(parsed.GetValue(spec)!,
                new DataOptions
                {
                    ImageSize = parsed.GetValue(size), SkipBad = true,
                    Depth = parsed.GetValue(depth) is > 0 and var levels ? levels : null, GroupBy = parsed.GetValue(groupBy),
                }, cancel);
            Inspect(terminal, data, parsed.GetValue(json));
            var varied = new Augmentation { Preset = Enum.Parse<AugmentationPreset>(parsed.GetValue(augmentation)!, ignoreCase: true) };
            if (parsed.GetValue(sheet) is { } path) SampleSheet.Save(path, data.Train.With(varied), views: parsed.GetValue(views));
            return Task.FromResult(ExitCode.Done);
        });
        return new Command("data", "Fetch data sets and look at them.") { inspect, DataFetchCommand.Create(terminal) };
    }

    private static void Inspect(Terminal terminal, Dataset data, bool asJson)
    {
        var (train, test) = (Counts(data.Train), Counts(data.Test));
        if (asJson)
        {
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
                Classes = data.Train.ClassNames.Select((name, i) => new { Id = i, Name = name, Train = train[i], Test = test[i],
                    Group = Group(data, i) }),
            });
            return;
        }
        var shape = data.Train.Store.ViewShape;
        terminal.Print($"{data.Name}: {data.Train.Classes} classes, {data.Train.Count} training and {data.Test.Count} test images, "
            + $"{shape.Width}×{shape.Height}, {shape.Channels} channels");
        if (data.Validation is { } validation) terminal.Print($"{validation.Count} validation images");
        if (data.Sizes is { } sizes)
            terminal.Print($"files of {sizes.LeastWidth} to {sizes.MostWidth} pixels in width "
                + $"and {sizes.LeastHeight} to {sizes.MostHeight} in height");
        terminal.Print($"content hash {data.Hash}");
        foreach (var note in data.Notes) terminal.Print($"{note}");
        foreach (var bad in data.Bad) terminal.Print($"bad: {bad.Name} {bad.Reason}");
        for (var i = 0; i < data.Train.Classes; i++)
            terminal.Print($"{i,5}  {data.Train.ClassNames[i],-24} {train[i],6} training {test[i],6} test  {Group(data, i)}");
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
