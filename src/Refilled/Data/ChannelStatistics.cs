namespace Refilled.Data;

/// <summary>Mean and standard deviation of each channel, of values scaled to [0, 1]: what networks trained on a source
/// normalise by.</summary>
/// <param name="Mean">Red, green, blue.</param>
/// <param name="Std">Red, green, blue.</param>
public sealed record ChannelStatistics(IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>CIFAR-100's training images, as usually quoted.</summary>
    public static ChannelStatistics Cifar100 { get; } = new([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]);

    /// <summary>ImageNet's, the usual choice for photographs.</summary>
    public static ChannelStatistics ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
}
