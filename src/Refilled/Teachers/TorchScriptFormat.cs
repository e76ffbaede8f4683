using Refilled.Data;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Weights;
using Refilled.Weights.PyTorch;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Programs that <c>torch.jit.save</c> wrote. Opening one runs it.</summary>
/// <param name="probe">Opens a place first where a crash does no harm, such as in a process of its own, and throws an <see
/// cref="InputException"/> where that goes wrong. Default: nothing is done first.</param>
internal sealed class TorchScriptFormat(Action<NetworkPlace>? probe = null) : ITeacherFormat
{
    /// <inheritdoc/>
    public bool Opens(NetworkPlace place) => place.TryFile is { } file && FileKinds.Of(file) == FileKind.TorchScript;

    /// <inheritdoc/>
    public void Check(NetworkPlace place)
    {
        _ = TeacherSettings.Of(place.File);
        ScriptArchive.Check(place.File);
    }

    /// <inheritdoc/>
    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        Check(place);
        probe?.Invoke(place);
        var settings = TeacherSettings.Of(place.File);
        var input = settings.Over(InputSpec.Square(224, ChannelStatistics.ImageNet));
        jit.ScriptModule? module = null;
        try
        {
            module = Said(place.File, () => jit.load(place.File, options.Device));
            var teacher = Said(place.File, () => new TorchScriptTeacher(module, place.Hash, settings, input, options.Device));
            return new Teacher(place, "torchscript", teacher) { Notes = Assumed(place, settings, input), Input = input };
        }
        catch
        {
            module?.Dispose();
            throw;
        }
    }

    /// <summary>What the engine says of a program, in one message.</summary>
    internal static T Said<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        // Of answers of another kind its C# face says all manner of things.
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            var lines = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            throw new InputException($"The TorchScript program '{file}' can't be used: "
                + $"{(lines.Length > 0 ? lines[0] : "").TrimEnd('.')}. Export it anew, in Python: "
                + "torch.jit.trace(model.eval(), torch.rand(1, 3, 224, 224)).save('teacher.pt').", e);
        }
    }

    private static List<string> Assumed(NetworkPlace place, TeacherSettings settings, InputSpec input)
    {
        var beside = Path.GetFileName(TeacherSettings.PlacesFor(place.File)[^1]);
        return settings is { Size: not null, Mean: not null, Std: not null } ? []
            : [$"'{place.Path}' doesn't say what it was trained on: {input.Width}×{input.Height} pixels"
                + $"{(settings.Mean is null || settings.Std is null ? " with ImageNet's means and deviations" : "")} are assumed. "
                + $"Other ones can be given as size, mean and std in '{beside}' beside it."];
    }
}
