using System.CommandLine;
using Refilled.Cli.Demo;
using Refilled.Cli.Progress;
using static System.FormattableString;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled demo</c>: why cross-task distillation helps, in three minutes.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var seed = Options.Number("--seed", "n", "Seed of the generated set (0).", otherwise: 0, least: 0);
        var brief = Options.Flag("--short", "A third of the epochs: shows that it works, not how well.");
        var output = Options.Text("--out", "folder", "Folder for the runs and the picture (runs/<date>-demo-<seed>).");
        var json = Options.Json();
        var command = new Command("demo", "Train a teacher on some generated creatures, then students on others, alone and with its help.")
            { seed, brief, output, json };
        command.SetAction((parsed, cancel) =>
        {
            var path = parsed.GetValue(output) ?? Path.Combine("runs",
                Invariant($"{DateTime.Now:yyyyMMdd-HHmmss}-demo-{parsed.GetValue(seed)}"));
            var result = new Demonstration(parsed.GetValue(seed), parsed.GetValue(brief)).Run(path, (name, train) =>
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
        terminal.Print($"{"",-14} {"top-1",7} {"epochs",7} {"seconds",8}");
        foreach (var row in result.Rows) terminal.Print($"{row.Method,-14} {row.Top1,5:0.0} % {row.Epochs,7} {row.Seconds,8:0.0}");
        terminal.Out.WriteLine();
        terminal.Print($"The teacher ({result.TeacherSeconds:0.0} s) knows its own classes at {result.TeacherTop1:0.0} %; "
            + $"on the students' classes, which it never saw,");
        terminal.Print($"its embedding with class means of the same {result.StudentImages} images gives {result.TeacherNcm:0.0} %.");
        terminal.Out.WriteLine();
        var alone = result.Rows.Single(row => row.Method == "student-long");
        var taught = result.Rows.Single(row => row.Method == "refilled");
        var gain = taught.Top1 - alone.Top1;
        if (gain > 0)
            terminal.Print($"With {result.StudentImages} images of {result.Classes} classes and {taught.Epochs} epochs, a student learns "
                + $"{alone.Top1:0.0} % alone and {taught.Top1:0.0} % (+{gain:0.0} points) from a teacher of other classes.");
        else
            terminal.Print($"Here the teacher of other classes didn't help: "
                + $"{taught.Top1:0.0} % against {alone.Top1:0.0} % alone at the same {taught.Epochs} epochs.");
        var chance = 200 * Math.Sqrt(0.25 * 2 / result.TestImages);
        terminal.Print($"({result.TestImages} test images, one seed: differences under about {chance:0} points mean nothing.) "
            + $"What the students saw: {result.Sheet}");
    }
}
