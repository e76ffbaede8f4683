using System.CommandLine;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled distill</c>: trains a student with a teacher's help.</summary>
internal static class DistillCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("distill", "Train a student with the help of a teacher, by default one of other classes.");
        _ = new RunCommand(terminal, command,
            ["--data", "--image-size", "--depth", "--group-by", "--classes", "--method", "--student", "--teacher", "--start", "--setting",
            "--images-per-class", "--unlabelled", "--hold-out", "--batch", "--views", "--augmentation",
            "--teacher-cache", "--teacher-cache-precision", "--epochs1", "--epochs", "--seed", "--device", "--precision",
            "--threads"]);
        return command;
    }
}
