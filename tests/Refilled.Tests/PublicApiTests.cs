using PublicApiGenerator;
using Refilled.Tests.Support;

namespace Refilled.Tests;

/// <summary>The library's public face is recorded; a change of it is seen in review.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_api_is_the_recorded_one()
    {
        var recorded = Path.Combine(Repository.Root, "src", "Refilled", "PublicApi.txt");
        var actual = typeof(InputException).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("REFILLED_RECORD_API") == "1") File.WriteAllText(recorded, actual);
        Assert.True(File.ReadAllText(recorded).ReplaceLineEndings("\n") == actual,
            $"The public API differs from {recorded}. If that is meant, run the tests once with REFILLED_RECORD_API=1 and commit "
                + "the file.");
    }
}
