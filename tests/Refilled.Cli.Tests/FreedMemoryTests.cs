namespace Refilled.Cli.Tests;

/// <summary>What becomes of memory that the engine frees, counted in pages that the system had to fill anew.</summary>
public class FreedMemoryTests
{
    private static readonly string[] Names = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES"];

    private static string Doctor(params (string Name, string Value)[] environment)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("the C library is another here");
        if (Names.Any(name => Environment.GetEnvironmentVariable(name) is not null)) Assert.Skip("the environment of the tests says how");
        using var run = CommandProcess.Start(["doctor"], environment);
        var (code, output, _) = run.Wait();
        Assert.Equal(0, code);
        return output.Split('\n').Single(line => line.StartsWith("freed memory", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_kept() => Assert.EndsWith("is kept for the next step", Doctor(), StringComparison.Ordinal);

    [Theory]
    [InlineData("MALLOC_MMAP_THRESHOLD_", "1000000")]
    [InlineData("GLIBC_TUNABLES", "glibc.malloc.arena_max=4")]
    public void What_the_user_has_set_stays(string name, string value) =>
        Assert.EndsWith("own settings say", Doctor((name, value)), StringComparison.Ordinal);
}
