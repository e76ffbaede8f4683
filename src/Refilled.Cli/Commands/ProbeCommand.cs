using System.CommandLine;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled probe</c>, which is not shown: opens a teacher and asks it once, for <see cref="ProbeProcess"/>.</summary>
internal static class ProbeCommand
{
    /// <summary>Its name.</summary>
    public const string Verb = "probe";

    public static Command Create()
    {
        var path = new Argument<string>("teacher") { Description = "A teacher of another framework." };
        var command = new Command(Verb, "Open a teacher and ask it once.") { path };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var place = Teacher.Find(parsed.GetValue(path)!, formats: TeacherFormats.Unprobed);
            using var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32), TeacherFormats.Unprobed);
            using var scope = NewDisposeScope();
            var (height, width) = (opened.Input?.Height ?? 32, opened.Input?.Width ?? 32);
            _ = opened.Teach().Observe(zeros([2, 3, height, width], ScalarType.Byte), opened.Teach().Provides);
            return ExitCode.Done;
        });
        return command;
    }
}
