using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>Whether numbers are worth keeping: none of them is NaN or infinite.</summary>
internal static class Finite
{
    /// <summary>The name of the first tensor with a number that isn't; null where all are. Waits for the device.</summary>
    public static string? FirstBad(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return tensors.FirstOrDefault(pair => !pair.Value.isfinite().all().cpu().data<bool>().ToArray()[0]).Key;
    }
}
