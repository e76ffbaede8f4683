using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>One launch that updates many parameters, where <see cref="Sgd"/>'s loop needs seven operations for each.</summary>
/// <remarks>On a GPU a step of WRN-16-1 waits 3 ms for the processor to launch the loop's operations (docs/performance.md). The engine
/// has such an update, and its C# face doesn't name it; its script compiler does. Numbers are handed over as tensors on the processor,
/// which needs no scalar and no wait for the device.</remarks>
internal static class FusedUpdate
{
    // One for the process: the engine never frees a compiled unit.
    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(
        """
        def update(parameters: List[Tensor], gradients: List[Tensor], velocities: List[Tensor], numbers: Tensor, skip: Tensor) -> int:
            torch._fused_sgd_(parameters, gradients, velocities, lr=float(numbers[0]), momentum=float(numbers[1]),
                weight_decay=float(numbers[2]), dampening=0.0, nesterov=True, maximize=False, is_first_step=False, found_inf=skip)
            return 0

        """));

    /// <summary>g += λw; v = μv + g; w -= η(g + μv), for all at once.</summary>
    /// <param name="parameters">The weights w.</param>
    /// <param name="gradients">The gradients g.</param>
    /// <param name="velocities">The velocities v.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="skip">Scalar fp32 on their device: with 1 neither w nor v change.</param>
    public static void Apply(
        Tensor[] parameters, Tensor[] gradients, Tensor[] velocities, double learningRate, double momentum, double weightDecay, Tensor skip)
    {
        using var numbers = tensor(new[] { learningRate, momentum, weightDecay });
        Unit.Value.Call("update", parameters, gradients, velocities, numbers, skip);
    }

    /// <summary>A gradient that lies in memory as its parameter does, which the engine's update asks for.</summary>
    public static Tensor LaidOutAs(Tensor parameter, Tensor gradient) =>
        gradient.stride().AsSpan().SequenceEqual(parameter.stride()) ? gradient : empty_like(parameter).copy_(gradient);
}
