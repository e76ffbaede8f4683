using System.CommandLine;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled evaluate</c>: measures a network on the test images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Measure a network on test images: top-1, top-5, nearest class mean, nearest neighbour.");
        var network = new Argument<string>("network") { Description = "A run folder (its selected epoch) or a network file." };
        command.Arguments.Add(network);
        var options = new RecipeOptions(command, "--data", "--image-size", "--classes", "--images-per-class", "--hold-out", "--device",
            "--precision", "--threads");
        var json = Options.Json();
        command.Options.Add(json);
        command.SetAction((parsed, cancel) =>
        {
            var path = parsed.GetValue(network)!;
            var run = Path.Combine(File.Exists(path) ? Path.GetDirectoryName(path) ?? "" : path, RunFolder.RecipeName);
            var file = options.File(parsed) ?? (File.Exists(run) ? run : null);
            // What the run was trained by doesn't matter here, and its teacher may be gone.
            var recipe = options.Read<Recipe>(file,
                [.. options.Edits(parsed), new RecipeEdit("method", "student", "evaluate"), new RecipeEdit("stages", "[]", "evaluate")]);
            var result = NetworkEvaluation.Run(path, recipe, TeacherFormats.All, cancel);
            if (parsed.GetValue(json))
                terminal.WriteJson(new { Top1 = Percent.Of(result.Top1), Top5 = Percent.Of(result.Top5), Ncm = Percent.Of(result.Ncm),
                    Nn1 = Percent.Of(result.Nn1), result.Images });
            else
                terminal.Print($"top-1 {100 * result.Top1:0.00} %, top-5 {100 * result.Top5:0.00} %, nearest class mean "
                    + $"{100 * result.Ncm:0.00} %, nearest neighbour {100 * result.Nn1:0.00} % ({result.Images} test images)");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
