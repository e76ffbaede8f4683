using System.CommandLine;
using Refilled.Experiments;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled pretrain</c>: trains a network without a teacher, with cross-entropy or by few-shot tasks.</summary>
internal static class PretrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("pretrain", "Train a network without a teacher: with cross-entropy on its own classes, to be a teacher, "
            + "or as the recipe's method says.");
        _ = new RunCommand(terminal, command,
            ["--data", "--image-size", "--depth", "--group-by", "--classes", "--model", "--images-per-class", "--hold-out", "--batch",
                "--views", "--augmentation", "--start", "--epochs", "--seed", "--device", "--precision", "--threads"],
            (file, edits) => Pretraining.Edits(file, edits, "pretrain"));
        return command;
    }
}
