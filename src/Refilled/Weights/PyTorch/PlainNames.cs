namespace Refilled.Weights.PyTorch;

/// <summary>Takes off what wrappers put before the names of all tensors.</summary>
internal static class PlainNames
{
    /// <summary>Of DataParallel, of compiled modules, and of modules that hold the network in a field.</summary>
    private static readonly string[] Wrappers = ["module.", "_orig_mod.", "model.", "net.", "network.", "backbone.", "encoder."];

    /// <summary>The plain name of each of some names.</summary>
    public static Func<string, string> Of(IEnumerable<string> names)
    {
        var left = names.ToList();
        var cut = 0;
        while (Array.Find(Wrappers, wrapper => left.Count > 0 && left.All(name => name.StartsWith(wrapper, StringComparison.Ordinal)))
            is { } common)
        {
            left = [.. left.Select(name => name[common.Length..])];
            cut += common.Length;
        }
        return name => name[cut..];
    }
}
