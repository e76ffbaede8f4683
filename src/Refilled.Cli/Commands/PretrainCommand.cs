using System.CommandLine;
using Refilled.Recipes;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled pretrain</c>: trains a teacher with cross-entropy.</summary>
internal static class PretrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("pretrain", "Train a teacher: a network with cross-entropy on its own classes.");
        _ = new RunCommand(terminal, command,
            ["--data", "--image-size", "--classes", "--model", "--images-per-class", "--hold-out", "--batch", "--views", "--epochs", "--seed", "--device", "--precision", "--threads"],
            new RecipeEdit("method", "student", "pretrain"), new RecipeEdit("stages", "[]", "pretrain"), new RecipeEdit("teacher", "null", "pretrain"));
        return command;
    }
}
