using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>A way in which trained networks lie on disk; another one is another class of this kind.</summary>
public interface ITeacherFormat
{
    /// <summary>Whether this format is the one that a place is to be opened by.</summary>
    /// <remarks>An ending, a name or the first bytes decide.</remarks>
    bool Opens(NetworkPlace place);

    /// <summary>Finds what can be found wrong without reading the whole file. Default: that there is none.</summary>
    /// <exception cref="InputException">It is missing or can't be used.</exception>
    void Check(NetworkPlace place) => _ = place.File;

    /// <summary>Reads the network.</summary>
    /// <param name="place">A place that the format opens.</param>
    /// <param name="options">What it is read for.</param>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    Teacher Open(NetworkPlace place, TeacherOptions options);
}

/// <summary>What a trained network is opened for.</summary>
/// <param name="Device">The device that it is to compute on.</param>
/// <param name="Precision">Number format that its convolutions compute in.</param>
/// <param name="Layout">How its feature maps lie in memory. Default channels-last.</param>
public sealed record TeacherOptions(Device Device, Precision Precision, Layout Layout = Layout.ChannelsLast);
