using Refilled.Networks;
using Refilled.Weights;

namespace Refilled.Teachers;

/// <summary>A trained network that was opened, to be asked as a teacher or used as it is.</summary>
/// <remarks>The one way in from a path.</remarks>
public sealed class Teacher : IDisposable
{
    // The last takes every place that no other opens.
    private static readonly ITeacherFormat[] BuiltIn = [new TorchScriptFormat(), new PyTorchFormat(), new NetworkFileFormat()];

    private readonly TrainedNetwork? trained;
    private readonly InputSpec? input;
    private ITeacher? asked;

    /// <summary>A network of ours.</summary>
    /// <param name="place">Where it was.</param>
    /// <param name="trained">The network; it is freed with the teacher.</param>
    public Teacher(NetworkPlace place, TrainedNetwork trained)
    {
        (Place, Name, ClassNames) = (place, trained.Network.Architecture, trained.ClassNames);
        this.trained = trained;
    }

    /// <summary>A network of another framework, which can be asked alone.</summary>
    /// <param name="place">Where it was.</param>
    /// <param name="name">What its architecture is called in results.</param>
    /// <param name="asked">What answers; it is freed with the teacher.</param>
    public Teacher(NetworkPlace place, string name, ITeacher asked)
    {
        (Place, Name, ClassNames) = (place, name, asked.ClassNames);
        this.asked = asked;
    }

    /// <summary>Where it was.</summary>
    public NetworkPlace Place { get; }

    /// <summary>The architecture's name, such as "wrn-40-2".</summary>
    public string Name { get; }

    /// <summary>The classes that it was trained on; empty where unknown.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What had to be assumed of it, a sentence each, for whoever prints remarks. Default: nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The network itself: to start from, to measure, to embed with.</summary>
    /// <exception cref="InputException">It is of another framework, and can be asked alone.</exception>
    public TrainedNetwork Trained => trained
        ?? throw new InputException($"The {Place.Role} '{Place.Path}' gives answers alone; "
            + "name a run folder or a network file (.safetensors) of Refilled.");

    /// <summary>Whether it is a network of ours, and not something that answers alone.</summary>
    internal bool IsNetwork => trained is not null;

    /// <summary>What the network wants to see; null where that isn't known.</summary>
    internal InputSpec? Input
    {
        get => input ?? trained?.Network.Input;
        init => input = value;
    }

    /// <summary>The place that a path stands for, after all checks that need no reading of the whole file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="role">What the network is for, in messages.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <exception cref="InputException">It is missing or can't be used.</exception>
    public static NetworkPlace Find(string path, string role = "teacher", IEnumerable<ITeacherFormat>? formats = null)
    {
        var place = new NetworkPlace(path, role);
        FormatOf(place, formats).Check(place);
        return place;
    }

    /// <summary>Opens what lies at a place.</summary>
    /// <param name="place">The place.</param>
    /// <param name="options">What it is opened for.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static Teacher Open(NetworkPlace place, TeacherOptions options, IEnumerable<ITeacherFormat>? formats = null) =>
        FormatOf(place, formats).Open(place, options);

    /// <summary>The network as a teacher, from now on frozen. Whoever frees one of the two has freed both.</summary>
    public ITeacher Teach() => asked ??= new NetworkTeacher(Trained.Network, ClassNames);

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        if (asked is not null) asked.Dispose();
        else trained?.Network.Dispose();
    }

    private static ITeacherFormat FormatOf(NetworkPlace place, IEnumerable<ITeacherFormat>? formats) =>
        (formats ?? []).Concat(BuiltIn).First(format => format.Opens(place));
}
