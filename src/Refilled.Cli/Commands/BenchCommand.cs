using System.CommandLine;
using Refilled.Cli.Bench;
using Refilled.Cli.Progress;
using Refilled.Experiments;
using Refilled.Native;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled bench</c>: what a step, a loss and an image cost on this machine.</summary>
internal static class BenchCommand
{
    private static readonly string[] Parts = ["steps", "epochs", "scaling", "mining", "sources", "files"];

    /// <summary>What is measured only where it is asked for: it takes minutes by itself.</summary>
    private const string Teachers = "teachers";

    public static Command Create(Terminal terminal)
    {
        var teacher = Options.Text("--teacher", "network", "The teacher's network (wrn-40-2).", "wrn-40-2");
        var student = Options.Text("--student", "network", "The student's network (wrn-16-1).", "wrn-16-1");
        var only = new Option<string[]>("--only")
        {
            Description = $"Measure only these: {string.Join(", ", Parts)}; or {Teachers}, which isn't measured unasked.",
            AllowMultipleArgumentsPerToken = true,
        };
        only.AcceptOnlyFromAmong([.. Parts, Teachers]);
        var rounds = Options.Number("--rounds", "n",
            $"Steps of each kind ({Rounds}, or as many as {Enough.TotalSeconds:0} s allow, from five).", 0, least: 1);
        var batch = Options.Number("--batch", "n", "Images in a step (128).", 128, 2, 4096);
        var size = Options.Number("--image-size", "pixels", "Height and width of the images in pixels (32).", 32, 8, 1024);
        var data = Options.Text("--data", "data", "Data of your own to measure among the sources.");
        var where = Options.Text("--device", "device", "cpu, cuda, cuda:n or auto.", "auto");
        var precision = new Option<PrecisionChoice>("--precision")
            { Description = "Number format that is measured first and whole: auto (default), fp32 or bf16.", HelpName = "format" };
        var threads = Options.Number("--threads", "n", "Threads of the engine; 0 takes one for each core.", 0, 0, 1024);
        var against = new Option<string?>("--against")
            { Description = "Measure steps in turns with the same in pytorch, and nothing else." };
        against.AcceptOnlyFromAmong("pytorch");
        var python = Options.Text("--python", "file", "The Python that has PyTorch (python3).");
        var json = Options.Json("the figures");
        var command = new Command("bench", "Measure training steps, losses, sources of images and memory on this machine.")
            { teacher, student, only, rounds, batch, size, data, where, precision, threads, against, python, json };
        command.SetAction((parsed, cancel) =>
        {
            NetworkCatalog.Check(parsed.GetValue(teacher)!);
            NetworkCatalog.Check(parsed.GetValue(student)!);
            var machine = Machine.Resolve(parsed.GetValue(where)!, parsed.GetValue(precision), parsed.GetValue(threads));
            machine.Take();
            var options = new StepBenchOptions
            {
                Teacher = parsed.GetValue(teacher)!,
                Student = parsed.GetValue(student)!,
                Rounds = parsed.GetValue(rounds) is > 0 and var some ? some : Rounds,
                Enough = parsed.GetValue(rounds) > 0 ? null : Enough,
                Batch = parsed.GetValue(batch),
                ImageSize = parsed.GetValue(size),
                Device = machine.Name,
            };
            // The precision that is asked for comes first: it is the one that the other parts use.
            if (machine.Precision == Precision.Fp32)
                options = options with { Precisions = [Precision.Fp32, Precision.Bf16] };
            if (parsed.GetValue(against) is not null)
            {
                var beside = Empty(options) with
                    { PyTorch = new StepBench(options).RunAgainstPyTorch(parsed.GetValue(python), machine.Threads, cancel) };
                if (parsed.GetValue(json)) terminal.WriteJson(beside);
                else Print(terminal, beside);
                return Task.FromResult(ExitCode.Done);
            }
            var report = Measure(options, parsed.GetValue(only) is { Length: > 0 } named ? named : Parts, parsed.GetValue(data),
                terminal.Error, cancel);
            if (parsed.GetValue(json)) terminal.WriteJson(report);
            else Print(terminal, report);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static BenchReport Measure(StepBenchOptions options, string[] parts, string? data, TextWriter log, CancellationToken cancel)
    {
        var progress = new Relay<string>(what => log.WriteLine($"measuring {what}"));
        var measured = new Relay<SourceRate>(rate => log.WriteLine($"measured {rate.Name}"));
        var bench = new StepBench(options);
        IReadOnlyList<T> If<T>(string part, Func<IReadOnlyList<T>> measure) => parts.Contains(part) ? measure() : [];
        var report = Empty(options) with
        {
            // The small things first: what the large ones leave in memory would hide what these need.
            Mining = If("mining", () => MiningBench.Run(MiningBench.Batches, progress, cancel)),
            Sources =
            [
                .. If("sources", () => SourceBench.Run(new SourceBenchOptions { Data = data }, measured, cancel)),
                .. If("files", () => SourceBench.Measure(FilesBench.Rows(FilesBench.Usual, options.Student, options.Device),
                    new SourceBenchOptions(), measured, cancel)),
            ],
            Teachers = If(Teachers, () => new TeacherBench(new TeacherBenchOptions { Rounds = Math.Min(options.Rounds, TeacherRounds) })
                .Run(progress, cancel)),
            Steps = If("steps", () => bench.Run(progress, cancel)),
            Epochs = If("epochs", () => bench.RunEpochs(EpochPairs, progress, cancel)),
            Scaling = If("scaling", () => bench.RunScaling([64, 128, 256, 512], progress, cancel)),
        };
        if (parts.Contains(Teachers))
        {
            using var ahead = new AheadBench(options);
            report = report with { Ahead = ahead.Run(Math.Min(options.Rounds, TeacherRounds), progress, cancel) };
        }
        return report with { PeakMiB = ResidentMemory.MostMiB };
    }

    private static BenchReport Empty(StepBenchOptions options) => new()
    {
        Machine = HostFacts.Collect().Summary(options.Device, get_num_threads()),
        Teacher = options.Teacher, Student = options.Student, Batch = options.Batch,
    };

    private const int Rounds = 30, EpochPairs = 2, TeacherRounds = 5;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

    private static void Print(Terminal terminal, BenchReport report)
    {
        terminal.Print($"{report.Machine}; {report.Teacher} teaches {report.Student}, {report.Batch} images a step");
        if (report.PyTorch is { } other)
        {
            terminal.Print($"in turns with PyTorch {other.Version}, {other.Threads} threads; both in {other.Precision}, channels-last");
            terminal.Out.WriteLine();
            terminal.Print($"{"step",-9}{"ms",9}{"PyTorch",9}{"ratio",9}");
            foreach (var (what, ms, theirs, ratio) in other.Steps) terminal.Print($"{what,-9}{ms,9:0.0}{theirs,9:0.0}{ratio,9:0.000}");
        }
        if (report.Steps.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"step",-9}{"precision",-11}{"layout",-15}{"teacher",-8}{"ms",9}{"fastest",9}{"slowest",9}{"× floor",9}");
            foreach (var step in report.Steps)
            {
                var kind = $"{step.What,-9}{step.Precision,-11}{step.Layout,-15}{step.Teacher,-8}";
                terminal.Print($"{kind}{step.Ms,9:0.0}{step.MinMs,9:0.0}{step.MaxMs,9:0.0}{step.Ratio,9:0.000}");
            }
        }
        if (report.Epochs.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"epoch",-9}{"images",7}{"plain s",9}{"fast s",9}{"×",7}{"filling a view s",18}");
            foreach (var (stage, images, plain, fast, ratio, fill) in report.Epochs)
                terminal.Print($"{stage,-9}{images,7}{plain,9:0.00}{fast,9:0.00}{ratio,7:0.0}{fill,18:0.00}");
        }
        if (report.Scaling.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"batch",-9}{"stage-1 ms",11}{"exponent",10}");
            foreach (var one in report.Scaling) terminal.Print($"{one.Batch,-9}{one.Ms,11:0.0}{one.Exponent,10:0.00}");
        }
        if (report.Mining.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"batch",-9}{"form",-9}{"ms",9}{"extra MiB",11}{"found",12}");
            foreach (var one in report.Mining)
                terminal.Print($"{one.Batch,-9}{one.Form,-9}{one.Ms,9:0.0}{one.ExtraMiB,11:0.0}{one.Triplets,12}");
        }
        if (report.Sources.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"source",-28}{"images/s",10}");
            foreach (var one in report.Sources) terminal.Print($"{one.Name,-28}{one.ImagesPerSecond,10:0}");
        }
        if (report.Teachers.Count > 0)
        {
            terminal.Out.WriteLine();
            var head = $"{"teacher",-16}{"pixels",7}{"runs",6}{"threads",9}{"batch",7}  {"settings",-22}";
            terminal.Print($"{head}{"images/s",10}{"of best",9}{"cpu ms",8}");
            foreach (var one in report.Teachers)
            {
                var kind = $"{one.What,-16}{one.Size,7}{one.Callers,6}{one.Threads,9}{one.Batch,7}  {one.Settings,-22}";
                terminal.Print($"{kind}{one.ImagesPerSecond,10:0.0}{one.Ratio,9:0.000}{one.ProcessorMs,8:0.0}");
            }
        }
        if (report.Ahead is { } beside)
        {
            terminal.Out.WriteLine();
            terminal.Print($"{"images",-9}{"asking s",10}{"training s",12}{"both at once s",16}{"of one after the other",24}");
            terminal.Print($"{beside.Images,-9}{beside.AskingSeconds,10:0.00}{beside.TrainingSeconds,12:0.00}"
                + $"{beside.AheadSeconds,16:0.00}{beside.Ratio,24:0.000}");
        }
        if (report.PeakMiB is { } peak)
        {
            terminal.Out.WriteLine();
            terminal.Print($"peak resident memory {peak:0} MiB");
        }
    }
}
