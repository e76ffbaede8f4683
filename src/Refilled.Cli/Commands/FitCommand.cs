using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Refilled.Cli.Progress;
using Refilled.Experiments;
using Refilled.Fitting;
using Refilled.Onnx.Teachers;
using Refilled.Recipes;
using Refilled.Reports;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled fit</c>: from photos to a small network, in one command.</summary>
internal sealed partial class FitCommand
{
    private const string NoTeacher = "none";

    private readonly Terminal terminal;
    private readonly Argument<string?> images = new("images")
    {
        Description = "A folder of images for each class (or any other data, as for distill).", Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> unlabelled = Options.Text("--unlabelled", "images",
        "Images without labels to learn from as well: a folder or archive, or rest, what --images-per-class leaves.");
    private readonly Option<string?> teacher = Options.Text("--teacher", "network",
        $"A network of any classes to learn from ({ImageNetTeacherFormat.Name} where it is there); {NoTeacher} does without.");
    private readonly Option<string?> start = Options.Text("--start", "file", "Published weights of the student to start from, too.");
    private readonly Option<string?> student = Options.Text("--student", "network",
        "The network (the largest of three that meets the limits and has time to learn).");
    private readonly Option<string?> maxSize = Options.Text("--max-size", "size", "Most that the network may take in fp32, such as 5MB.");
    private readonly Option<string?> maxLatency = Options.Text("--max-latency", "time",
        "Longest that it may take for an image on this machine, such as 5ms.");
    private readonly Option<string?> time = Options.Text("--time", "time", "How long the fit may take, such as 90s, 10m (usual) or 2h.");
    private readonly Option<int?> imageSize = new("--image-size") { Description = "Height and width of the views in pixels (32 or 64)." };
    private readonly Option<int?> depth = new("--depth") { Description = "How many folders name a class (1)." };
    private readonly Option<string?> groupBy = Options.Text("--group-by", "rule", "What says which images belong together; see distill.");
    private readonly Option<string?> classes = Options.Text("--classes", "classes", "Some of the classes alone; see distill.");
    private readonly Option<int?> perClass = new("--images-per-class")
        { Description = "Take the first n training images of each class alone." };
    private readonly Option<bool> skipBad = Options.Flag("--skip-bad", "Leave out images that can't be decoded, instead of stopping.");
    private readonly Option<int> seed = Options.Number("--seed", "n", "Seed of everything (0).", otherwise: 0, least: 0);
    private readonly Option<int> threads =
        Options.Number("--threads", "n", "Threads of the engine; 0 takes one for each core.", otherwise: 0, least: 0, most: 1024);
    private readonly Option<string> device = Options.Text("--device", "device", "cpu, cuda, cuda:n or auto.", "auto");
    private readonly Option<PrecisionChoice> precision = new("--precision")
        { Description = "Number format of the convolutions: auto (default), fp32 or bf16.", HelpName = "format" };
    private readonly Option<bool> dryRun = Options.Flag("--dry-run", "Say what would be done, and do nothing.");
    private readonly Option<FileInfo?> recipe = new("--recipe") { Description = "Do what a plan says, such as an earlier fit's fit.yaml." };
    private readonly Option<string[]> set = Options.Set("Edit that plan: path=value. May be repeated.");
    private readonly Option<string?> fix = Options.Text("--fix", LabelReview.FileName,
        "Fit anew with the labels that you wrote into an earlier fit's review.");
    private readonly Option<string?> from = Options.Text("--from", "folder", "An earlier fit, to go on from with --add.");
    private readonly Option<string[]> add = new("--add")
    {
        Description = "A folder of images of one more class, named as it is, or of more images of one. May be repeated.",
        HelpName = "folder", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false,
    };
    private readonly Option<string?> output = Options.Text("--out", "folder", "The fit's folder (fit).");
    private readonly Option<bool> resume = Options.Flag("--resume", "Go on with the fit in --out.");
    private readonly Option<bool> json = Options.Json();

    private FitCommand(Terminal terminal, Command command)
    {
        this.terminal = terminal;
        command.Arguments.Add(images);
        foreach (var option in new Option[]
        {
            unlabelled, teacher, start, student, maxSize, maxLatency, time, imageSize, depth, groupBy, classes, perClass, skipBad, seed,
            device, threads, precision, dryRun, recipe, set, fix, from, add, output, resume, json,
        }) command.Options.Add(option);
        command.SetAction(Run);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("fit", "Make a small network of your own images: compare the ways to train it, train the best, "
            + "test it once, and write it as ONNX.");
        _ = new FitCommand(terminal, command);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetValue(output) ?? "fit";
        var plan = Plan(parsed, path, cancel);
        if (parsed.GetValue(dryRun))
        {
            terminal.Out.Write(RecipeWriter.Write(plan));
            return ExitCode.Done;
        }
        FitResult result;
        try
        {
            result = Fit.Run(plan, path, TeacherFormats.All, new FitWatcher
            {
                Say = terminal.Error.WriteLine,
                Train = (name, work) =>
                {
                    terminal.Error.WriteLine($"training: {name}");
                    ProgressView.For(terminal).Run(Progresses.Training(), progress =>
                    {
                        work(progress);
                        return 0;
                    });
                },
                Ask = work => ProgressView.For(terminal).Run<(int Done, int All), int>(Asking, progress =>
                {
                    work((done, all) => progress.Report((done, all)));
                    return 0;
                }),
            }, cancel);
        }
        catch (OperationCanceledException)
        {
            if (FitRun.BestSoFar(plan, path) is { } best) terminal.Error.WriteLine(best);
            terminal.Error.WriteLine($"Stopped. Go on with: refilled fit --resume --out {path}");
            throw;
        }
        // What is exported is compared with the network, and int8 with fp32 on the test images.
        var exporting = ExportCommand.Create(terminal with { Out = terminal.Error })
            .Parse([result.Network, "--onnx", Path.Combine(path, "student.onnx"), "--any-size", "--int8"]);
        await exporting.InvokeAsync(new InvocationConfiguration
        {
            Output = terminal.Error, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
        }, cancel);
        var report = Path.Combine(path, Report.FileName);
        if (!File.Exists(report)) RunFolder.WriteText(report, new Report([path]).Make(TeacherFormats.All, cancel));
        if (parsed.GetValue(json)) terminal.WriteJson(result);
        else Print(result, path);
        return ExitCode.Done;
    }

    private static ProgressKind<(int Done, int All)> Asking { get; } = new(now =>
        new("teacher", now.Done, now.All, $"{now.Done}/{now.All} images", $"the teacher has seen {now.Done} of {now.All} images")
            { Quiet = now.Done == now.All ? TimeSpan.Zero : TimeSpan.FromSeconds(30) });

    private FitRecipe Plan(ParseResult parsed, string path, CancellationToken cancel)
    {
        List<RecipeEdit> edits = [.. (parsed.GetValue(set) ?? []).Select(text => RecipeEdit.Parse(text))];
        if (parsed.GetValue(resume))
        {
            var file = Path.Combine(path, Fit.RecipeName);
            return File.Exists(file) ? RecipeReader.Read<FitRecipe>(file, edits)
                : throw new InputException($"There is no fit to go on with in '{path}'.");
        }
        if (Next(parsed, path, edits, cancel) is { } next) return next;
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !parsed.GetValue(dryRun))
            throw new InputException(File.Exists(Path.Combine(path, Fit.RecipeName))
                ? $"'{path}' holds a fit already; go on with it by --resume, or choose another folder with --out."
                : $"The folder '{path}' is not empty and holds no fit; choose another with --out.");
        if (parsed.GetValue(recipe) is { } given)
        {
            if (parsed.GetValue(images) is not null)
                throw new InputException("A plan names its images: leave them out, or edit the plan by --set base.data=<images>.");
            return RecipeReader.Read<FitRecipe>(given.FullName, edits);
        }
        if (edits.Count > 0) throw new InputException("--set edits a plan: name it with --recipe. (A first one is made by --dry-run.)");
        return Fit.Plan(new FitRequest
        {
            Data = parsed.GetValue(images)
                ?? throw new InputException("Name the images: refilled fit <folder>, with a folder for each class."),
            Unlabelled = parsed.GetValue(unlabelled),
            Teacher = parsed.GetValue(teacher) switch
            {
                NoTeacher => null,
                null => ImageNetTeacherFormat.IsThere ? ImageNetTeacherFormat.Name : null,
                var named => named,
            },
            Start = parsed.GetValue(start), Student = parsed.GetValue(student),
            MaxBytes = (long?)Measure(parsed.GetValue(maxSize), "--max-size", ("kB", 1e3), ("MB", 1e6), ("GB", 1e9)),
            MaxMilliseconds = Measure(parsed.GetValue(maxLatency), "--max-latency", ("ms", 1), ("s", 1e3)),
            Time = TimeSpan.FromSeconds(Measure(parsed.GetValue(time), "--time", ("s", 1), ("m", 60), ("h", 3600)) ?? 600),
            ImageSize = parsed.GetValue(imageSize), Depth = parsed.GetValue(depth), GroupBy = parsed.GetValue(groupBy),
            Classes = parsed.GetValue(classes) ?? "all", ImagesPerClass = parsed.GetValue(perClass), SkipBad = parsed.GetValue(skipBad),
            Seed = parsed.GetValue(seed), Device = parsed.GetValue(device)!, Threads = parsed.GetValue(threads),
            Precision = parsed.GetValue(precision),
        }, TeacherFormats.All, terminal.Error.WriteLine, cancel);
    }

    /// <summary>The plan of a fit that goes on from an earlier one; null where none is named.</summary>
    private FitRecipe? Next(ParseResult parsed, string path, IReadOnlyList<RecipeEdit> edits, CancellationToken cancel)
    {
        var (review, earlier, added) = (parsed.GetValue(fix), parsed.GetValue(from), parsed.GetValue(add) ?? []);
        if (review is null && earlier is null && added.Length == 0) return null;
        if (parsed.GetValue(images) is not null || parsed.GetValue(recipe) is not null || parsed.GetValue(dryRun))
            throw new InputException("--fix and --add take the images and the plan of the earlier fit, and write those of the new one: "
                + "leave out the images, --recipe and --dry-run.");
        if (review is not null == added.Length > 0)
            throw new InputException("Give either --fix with a review, or --from with the earlier fit and --add with folders of images.");
        earlier ??= review is null ? throw new InputException("--add needs the earlier fit: name its folder with --from.")
            : Path.GetDirectoryName(Path.GetFullPath(review))!;
        var file = Path.Combine(earlier, Fit.RecipeName);
        if (!File.Exists(file)) throw new InputException($"There is no fit in '{earlier}'; name its folder with --from.");
        var plan = RecipeReader.Read<FitRecipe>(file, edits);
        return review is not null ? NextFit.Corrected(plan, review, path, terminal.Error.WriteLine, cancel)
            : NextFit.WithClasses(plan, FitRun.NetworkIn(earlier), added, path, terminal.Error.WriteLine, cancel);
    }

    /// <summary>Reads an amount with its unit.</summary>
    private static double? Measure(string? text, string option, params (string Unit, double Factor)[] units)
    {
        if (text is null) return null;
        var match = Amount().Match(text);
        var unit = units.FirstOrDefault(unit => unit.Unit.Equals(match.Groups[2].Value, StringComparison.OrdinalIgnoreCase));
        if (match.Success && unit.Unit is not null
            && double.Parse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture) is > 0 and var number)
            return number * unit.Factor;
        throw new InputException($"{option} is a number above 0 with its unit ({string.Join(", ", units.Select(one => one.Unit))}), "
            + $"such as 5{units[^2].Unit}, not '{text}'.");
    }

    private void Print(FitResult result, string path)
    {
        terminal.Out.WriteLine();
        terminal.Print($"{"way",-28} {"held out",9}");
        foreach (var way in result.Ways)
        {
            var chosen = way.Name == result.Winner ? "  <" : "";
            terminal.Print($"{way.Name + (way.Trained ? "" : " (teacher itself)"),-28} {way.Accuracy,7:0.0} %{chosen}");
        }
        terminal.Out.WriteLine();
        foreach (var sentence in FitWords.Of(result)) terminal.Print($"{sentence}");
        terminal.Out.WriteLine();
        terminal.Print($"The network:        {Path.Combine(path, "student.onnx")}, and as a run in {result.Network}");
        terminal.Print($"A look at it:       {Path.Combine(path, Report.FileName)}");
        terminal.Print($"Name images by it:  refilled predict {Path.Combine(path, "student.onnx")} <images>");
        if (result.Review is { } review && review.Doubtful + review.Unlabelled > 0)
        {
            var what = new[]
            {
                review.Doubtful > 0 ? $"{review.Doubtful} of {review.Judged} labels that look wrong" : null,
                review.Unlabelled > 0 ? $"{review.Unlabelled} images to label next" : null,
            };
            var list = Path.Combine(path, LabelReview.FileName);
            terminal.Print($"Worth a look:       {list}: {string.Join(", ", what.OfType<string>())}");
            terminal.Print($"Once corrected:     refilled fit --fix {list} --out <folder>");
        }
        terminal.Print($"What was done:      {Path.Combine(path, Fit.RecipeName)}");
        terminal.Print($"Edited, done anew:  refilled fit --recipe <file> --out <folder>");
    }

    [GeneratedRegex(@"^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Amount();
}
