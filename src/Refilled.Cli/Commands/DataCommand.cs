using System.CommandLine;
using System.Globalization;
using Refilled.Data;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled data</c>, and of its verbs <c>inspect</c>: what is in a data set.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal)
    {
        var spec = new Argument<string>("data") { Description = "The data, such as cifar100:<path>." };
        var json = new Option<bool>("--json") { Description = "Print the facts as one JSON object on the last line." };
        var inspect = new Command("inspect", "Show classes, counts, sizes and checksum.") { spec, json };
        inspect.SetAction((parsed, cancel) =>
        {
            Inspect(terminal, DataCatalog.Load(parsed.GetValue(spec)!, cancel), parsed.GetValue(json));
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
                Channels = data.Train.Store.Channels,
                data.Train.Store.Height,
                data.Train.Store.Width,
                TrainImages = data.Train.Count,
                TestImages = data.Test.Count,
                data.Hash,
                data.Notes,
                Classes = data.Train.ClassNames.Select((name, i) => new { Id = i, Name = name, Train = train[i], Test = test[i], Group = data.Groups is { } g ? g.Names[g.GroupOf[i]] : null }),
            });
            return;
        }
        var store = data.Train.Store;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{data.Name}: {data.Train.Classes} classes, {data.Train.Count} training and {data.Test.Count} test images, {store.Width}×{store.Height}, {store.Channels} channels"));
        terminal.Out.WriteLine($"content hash {data.Hash}");
        foreach (var note in data.Notes) terminal.Out.WriteLine(note);
        for (var i = 0; i < data.Train.Classes; i++)
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{i,5}  {data.Train.ClassNames[i],-24} {train[i],6} training {test[i],6} test  {(data.Groups is { } groups ? groups.Names[groups.GroupOf[i]] : "")}").TrimEnd());
    }

    private static int[] Counts(ImageSet set)
    {
        var counts = new int[set.Classes];
        foreach (var label in set.Labels) counts[label]++;
        return counts;
    }
}
