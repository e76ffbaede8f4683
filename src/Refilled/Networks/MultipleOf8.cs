namespace Refilled.Networks;

/// <summary>Numbers of channels as the MobileNets of versions 2 and 3 round them.</summary>
internal static class MultipleOf8
{
    /// <summary>The nearest multiple of 8, at least 8, or the next one where that would be a tenth smaller.</summary>
    public static int Near(double channels)
    {
        var near = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return near < 0.9 * channels ? near + 8 : near;
    }
}
