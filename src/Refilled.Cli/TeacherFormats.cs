using Refilled.Onnx.Teachers;
using Refilled.Teachers;

namespace Refilled.Cli;

/// <summary>The formats of teachers that the command opens besides our own.</summary>
internal static class TeacherFormats
{
    /// <summary>All of them, for every verb; files of other frameworks are opened in a process of their own first.</summary>
    public static IReadOnlyList<ITeacherFormat> All { get; } = Of(new ProbeProcess());

    /// <summary>The same for that process, which opens them at once.</summary>
    public static IReadOnlyList<ITeacherFormat> Unprobed { get; } = Of(null);

    private static IReadOnlyList<ITeacherFormat> Of(ProbeProcess? probe) =>
        [new ImageNetTeacherFormat(), new OnnxTeacherFormat(probe is null ? null : probe.Check),
            new TorchScriptFormat(probe is null ? null : probe.Check)];
}
