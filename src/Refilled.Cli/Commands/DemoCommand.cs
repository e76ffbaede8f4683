using System.CommandLine;
using Refilled.Cli.Demo;
using Refilled.Cli.Progress;
using Refilled.Experiments;
using static System.FormattableString;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled demo</c>: why a teacher of other classes helps, in three minutes.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var seed = Options.Number("--seed", "n", "Seed of whose drawings train, and of the runs (0).", otherwise: 0, least: 0);
        var brief = Options.Flag("--short", "A third of the epochs: shows that it works, not how well.");
        var precision = new Option<PrecisionChoice>("--precision")
            { Description = "Number format of the convolutions: auto (default), fp32 or bf16.", HelpName = "format" };
        var output = Options.Text("--out", "folder", "Folder for the runs and the picture (runs/<date>-demo-<seed>).");
        var json = Options.Json();
        var command = new Command("demo",
            "Train a teacher on the letters of five alphabets, then students on three others, alone and with its help.")
            { seed, brief, precision, output, json };
        command.SetAction((parsed, cancel) =>
        {
            var path = parsed.GetValue(output) ?? Path.Combine("runs",
                Invariant($"{DateTime.Now:yyyyMMdd-HHmmss}-demo-{parsed.GetValue(seed)}"));
            var demonstration = new Demonstration(parsed.GetValue(seed), parsed.GetValue(brief), parsed.GetValue(precision));
            var result = demonstration.Run(path, (name, train) =>
            {
                terminal.Error.WriteLine($"training: {name}");
                return ProgressView.For(terminal).Run(Progresses.Training(), train);
            }, cancel);
            if (parsed.GetValue(json)) terminal.WriteJson(result);
            else Print(terminal, result);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Print(Terminal terminal, DemonstrationResult result)
    {
        terminal.Out.WriteLine();
        terminal.Print($"A teacher learned {result.TeacherLetters} letters of five alphabets from {result.TeacherImages:#,0} drawings ("
            + $"{result.TeacherTop1:0.0} % right). The students learn {result.Letters} letters");
        terminal.Print($"of three other alphabets from {Demonstration.Drawings} drawings of each, "
            + $"and are tested on {result.TestImages:#,0} by other people:");
        terminal.Out.WriteLine();
        terminal.Print($"{"",-36} {"network",-9} {"parameters",10} {"ms/image",9} {"top-1",7} {"trained",8}");
        foreach (var row in result.Rows)
            terminal.Print($"{row.Method,-13} {Meaning(row.Method),-22} {row.Network,-9} {row.Parameters,10:#,0} {row.Milliseconds,9:0.0} "
                + $"{row.Top1,5:0.0} % {row.Seconds,6:0} s");
        terminal.Out.WriteLine();
        terminal.Print($"{result.Conclusion()}");
        var chance = 200 * Math.Sqrt(0.25 * 2 / result.TestImages);
        terminal.Print($"(One seed: differences under about {chance:0} points mean nothing.)");
        terminal.Out.WriteLine();
        terminal.Print($"What they make of some test drawings:  {result.Picture}");
        terminal.Print($"Measure the taught student again:      refilled evaluate {Path.Combine(result.Folder, result.Taught.Method)}");
        terminal.Print($"Your own images, a folder a class:     refilled distill --data folder:<images> --teacher "
            + $"{Path.Combine(result.Folder, "teacher")} --student wrn-10-1");
    }

    private static string Meaning(string method) => method switch
    {
        "ncm" => "teacher's class means",
        Demonstration.Alone => "student alone",
        "lkd" => "taught, second stage",
        _ => "taught, both stages",
    };
}
