using System.Reflection;

namespace Refilled.Deploy.Tests;

/// <summary>What the package brings along, and what it shows.</summary>
public class PackageTests
{
    private static readonly Assembly Deploy = typeof(ImageClassifier).Assembly;

    [Fact]
    public void It_needs_the_runtime_and_the_image_library_alone() =>
        Assert.Equal(["Microsoft.ML.OnnxRuntime", "SkiaSharp"], Deploy.GetReferencedAssemblies().Select(one => one.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>A type that both packages showed could be named by nobody who uses both.</summary>
    [Fact]
    public void What_it_shares_with_the_library_stays_within() =>
        Assert.All(Deploy.GetExportedTypes(), type => Assert.Equal("Refilled.Deploy", type.Namespace));
}
