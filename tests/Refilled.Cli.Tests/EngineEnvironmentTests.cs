namespace Refilled.Cli.Tests;

/// <summary>How the engine's OpenMP was truly told to wait, which it says itself as it is loaded, and what becomes of memory that the
/// engine frees, counted in pages that the system had to fill anew.</summary>
public class EngineEnvironmentTests
{
    private static readonly string[] Names =
        ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES"];

    private static (string Said, string Waiting, string Freed) Doctor(params (string Name, string Value)[] environment)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("the engine has another OpenMP here, and the C library is another");
        if (Names.Any(name => Environment.GetEnvironmentVariable(name) is not null)) Assert.Skip("the environment of the tests says how");
        using var run = CommandProcess.Start(["doctor"], [.. environment, ("OMP_DISPLAY_ENV", "VERBOSE")]);
        var (code, output, error) = run.Wait();
        Assert.Equal(0, code);
        string Line(string begin) => output.Split('\n').Single(line => line.StartsWith(begin, StringComparison.Ordinal));
        Assert.Contains(" ms (", Line("training step"), StringComparison.Ordinal);
        return (error, Line("waiting"), Line("freed memory"));
    }

    /// <summary>The policy is shown as passive even where nobody has chosen it; the spins tell.</summary>
    [Fact]
    public void Threads_do_not_spin_and_freed_memory_is_kept()
    {
        var (said, waiting, freed) = Doctor();
        Assert.Contains("GOMP_SPINCOUNT = '0'", said, StringComparison.Ordinal);
        Assert.EndsWith(" OMP_WAIT_POLICY=PASSIVE", waiting, StringComparison.Ordinal);
        Assert.EndsWith("is kept for the next step", freed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OMP_WAIT_POLICY", "ACTIVE", "MALLOC_MMAP_THRESHOLD_", "1000000")]
    [InlineData("GOMP_SPINCOUNT", "77", "GLIBC_TUNABLES", "glibc.malloc.arena_max=4")]
    public void What_the_user_has_set_stays(string wait, string how, string memory, string kept)
    {
        var (said, waiting, freed) = Doctor((wait, how), (memory, kept));
        Assert.Contains($"{wait} = '{how}'", said, StringComparison.Ordinal);
        Assert.EndsWith($" {wait}={how}", waiting, StringComparison.Ordinal);
        Assert.EndsWith("own settings say", freed, StringComparison.Ordinal);
    }
}
