using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>Fresh weights from an explicit generator, so that a network is a function of its seed.</summary>
internal static class Initialisation
{
    /// <summary>He's normal initialisation by fan-out: deviation √(2 / (c_out·k·k)).</summary>
    /// <remarks>He et al., ICCV 2015. Of a grouped convolution a channel feeds only the c_out / groups of its group; counting all
    /// of them, as PyTorch's helper does, would start a depthwise layer of 512 channels at a twentieth of the scale.</remarks>
    public static Tensor HeFanOut(long[] shape, Generator generator, int groups = 1) =>
        randn(shape, generator: generator).Times(Math.Sqrt(2.0 * groups / (shape[0] * shape[2] * shape[3])));

    /// <summary>The engine's default for linear layers: uniform in ±1/√(inputs), weight and bias alike.</summary>
    public static Tensor LinearDefault(long[] shape, long inputs, Generator generator) =>
        rand(shape, generator: generator).Times(2).Plus(-1).Times(1 / Math.Sqrt(inputs));

    /// <summary>A parameter drawn so, of a module that is being made.</summary>
    public static Parameter Linear(long[] shape, long inputs, Generator generator)
    {
        using var scope = NewDisposeScope();
        // Without this the scope would take the parameter with it.
        var parameter = new Parameter(LinearDefault(shape, inputs, generator).DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
