using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Sums over the steps of an epoch that stay on the device until they are read at a log point.</summary>
internal sealed class Meter : IDisposable
{
    private const string FirstBadStep = "first-bad-step";
    private readonly Dictionary<string, Tensor> sums = [];

    /// <summary>Sum and count, fp64 <c>[2]</c>, by name; and the first step with a loss that was no number.</summary>
    public IReadOnlyDictionary<string, Tensor> State => sums;

    /// <summary>Adds a sum over some items to the named mean.</summary>
    public void Add(string name, Tensor sum, Tensor count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var pair = stack([sum.detach().to(ScalarType.Float64), count.detach().to(ScalarType.Float64, sum.device)]);
        if (sums.TryGetValue(name, out var total)) total.Increase(pair);
        else sums[name] = pair.DetachFromDisposeScope();
    }

    /// <summary>Notes the step if the loss is NaN or infinite, unless an earlier one was noted.</summary>
    public void Watch(Tensor loss, int step)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (!sums.ContainsKey(FirstBadStep)) sums[FirstBadStep] = Numbers.Whole(-1, loss.device).DetachFromDisposeScope();
        var first = sums[FirstBadStep];
        first.copy_(where(loss.detach().isfinite().logical_or(first.Above(-1)), first, tensor((long)step, device: first.device)));
    }

    /// <summary>The mean of each name so far. Waits for the device.</summary>
    public IReadOnlyDictionary<string, double> Means()
    {
        using var scope = NewDisposeScope();
        return sums.Where(pair => pair.Key != FirstBadStep).ToDictionary(pair => pair.Key, pair =>
        {
            var values = pair.Value.cpu().data<double>().ToArray();
            return values[1] > 0 ? values[0] / values[1] : 0;
        });
    }

    /// <summary>The first step whose loss was NaN or infinite, or null. Waits for the device.</summary>
    public int? BadStep()
    {
        if (!sums.TryGetValue(FirstBadStep, out var first)) return null;
        var step = first.WholeNumber();
        return step < 0 ? null : (int)step;
    }

    /// <summary>Starts the next epoch.</summary>
    public void Clear()
    {
        Dispose();
        sums.Clear();
    }

    /// <summary>Takes up a saved state.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, Tensor>> state, Device device)
    {
        Clear();
        // Without a scope what lies between the two operations could be collected while the engine reads it.
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in state) sums[name] = tensor.to(device).clone().DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in sums.Values) tensor.Dispose();
    }
}
