using System.CommandLine;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Reports.Looks;
using Refilled.Reports.Runs;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled compare</c>: two networks on the same images.</summary>
internal static class CompareCommand
{
    private const int ClassesShown = 8, ImagesShown = 5;

    public static Command Create(Terminal terminal)
    {
        var command = new Command("compare", "Compare two networks on the same test images: the difference with its interval, size and "
            + "time, and where they disagree. The images are those of the first one's run, or --data.");
        Argument<string> Named(string name, string which) =>
            new(name) { Description = $"{which} run folder, network file or teacher, such as an .onnx or imagenet-resnet-18." };
        var (first, second) = (Named("first", "A"), Named("second", "Another"));
        command.Arguments.Add(first);
        command.Arguments.Add(second);
        var options = new RecipeOptions(command, EvaluateCommand.ImageOptions);
        var json = Options.Json();
        command.Options.Add(json);
        command.SetAction((parsed, cancel) =>
        {
            var (one, other) = (Network(parsed.GetValue(first)!), Network(parsed.GetValue(second)!));
            if (!RunRecord.IsRun(Folder(one)) && parsed.GetResult("--data") is null)
                throw new InputException($"'{one}' is no run, so that it doesn't say which images are compared on: name them with --data.");
            var mine = EvaluateCommand.Evaluation(one, options, parsed);
            terminal.Error.WriteLine($"asking {one}");
            using var looked = mine.Look(TeacherFormats.All, cancel);
            terminal.Error.WriteLine($"asking {other}");
            using var against = Like(mine, other).Look(TeacherFormats.All, cancel);
            var comparison = Comparison.Of(looked, against);
            foreach (var note in looked.Measures.Notes.Concat(against.Measures.Notes).Distinct()) terminal.Error.WriteLine(note);
            if (parsed.GetValue(json)) terminal.WriteJson(comparison);
            else Print(terminal, comparison);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>The second network on the first one's images, in views of its own size.</summary>
    private static NetworkEvaluation Like(NetworkEvaluation first, string path)
    {
        var size = RunRecord.IsRun(Folder(path)) ? RunRecord.Read(Folder(path)).Recipe?.ImageSize : null;
        return first with { Path = path, Recipe = first.Recipe with { ImageSize = size ?? first.Recipe.ImageSize } };
    }

    /// <summary>A fit stands for its network.</summary>
    private static string Network(string path) => RunPlaces.IsFit(path) ? FitRun.NetworkIn(path) : path;

    private static string Folder(string path) => File.Exists(path) ? Path.GetDirectoryName(path) ?? "" : path;

    private static void Print(Terminal terminal, Comparison comparison)
    {
        foreach (var (name, one) in new[] { ("first", comparison.First), ("second", comparison.Second) })
        {
            var interval = WilsonInterval.Of(one.Right, one.Images);
            terminal.Print($"{name,-7} {one.Network,-20} {100.0 * one.Right / one.Images,6:0.00} %  (95 %: {100 * interval.Low:0.0} to "
                + $"{100 * interval.High:0.0})  {one.Bytes / 1e6,8:0.00} MB  {one.Milliseconds,8:0.00} ms an image");
        }
        var gain = comparison.Gain;
        terminal.Print($"the second has {100 * gain.Mean:+0.00;-0.00;0.00} points against the first (95 %: {100 * gain.Low:0.00} to "
            + $"{100 * gain.High:0.00}) on the same {comparison.First.Images} images");
        if (comparison.FirstAlone.Count + comparison.SecondAlone.Count == 0) terminal.Print($"they are right on the same images");
        else if (gain.Low <= 0 && gain.High >= 0)
            terminal.Print($"the interval spans zero: which is better can't be told from these images");
        var neither = comparison.First.Images - comparison.Both - comparison.FirstAlone.Count - comparison.SecondAlone.Count;
        terminal.Print($"both are right on {comparison.Both}, the first alone on {comparison.FirstAlone.Count}, the second alone on "
            + $"{comparison.SecondAlone.Count}, neither on {neither}");
        if (comparison.Classes.Count == 0) return;
        terminal.Print($"where they disagree most:            first alone  second alone  images");
        foreach (var one in comparison.Classes.Take(ClassesShown))
            terminal.Print($"  {one.Name,-32} {one.FirstAlone,12} {one.SecondAlone,13} {one.Images,7}");
        foreach (var (who, images) in new[] { ("first", comparison.FirstAlone), ("second", comparison.SecondAlone) })
            if (images.Count > 0)
                terminal.Print($"the {who} alone is right on "
                    + $"{string.Join(", ", images.Take(ImagesShown))}{(images.Count > ImagesShown ? ", …" : "")}");
    }
}
