using Refilled.Networks;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A teacher, or another trained network, on disk: a run folder (its selected network) or a network file.</summary>
public static class TeacherFile
{
    /// <summary>The network file that a path stands for.</summary>
    /// <param name="path">The path.</param>
    /// <param name="role">What the network is for, in messages. Default "teacher".</param>
    /// <exception cref="InputException">There is none; the message says what was looked for.</exception>
    public static string Find(string path, string role = "teacher")
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path)) throw new InputException($"There is no {role} '{path}': name a run folder or a network file (.safetensors).");
        var file = Path.Combine(path, NetworkFile.NameInRun);
        return File.Exists(file) ? file : throw new InputException($"The folder '{path}' holds no finished run: it has no {NetworkFile.NameInRun}. Finish the run with --resume, or name another {role}.");
    }

    /// <summary>Reads the network, to be used on a device in a precision.</summary>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static TrainedNetwork Load(string path, Device device, Precision precision, Layout layout = Layout.ChannelsLast, string role = "teacher")
    {
        var trained = NetworkFile.Load(Find(path, role), precision, layout);
        trained.Network.to(device);
        return trained;
    }
}
