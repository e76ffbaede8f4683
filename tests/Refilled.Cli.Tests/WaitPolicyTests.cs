namespace Refilled.Cli.Tests;

/// <summary>How the engine's OpenMP was truly told to wait: it says so itself as it is loaded.</summary>
public class WaitPolicyTests
{
    private static readonly string[] Names = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"];

    private static (string Said, string Doctor) Doctor(params (string Name, string Value)[] environment)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("the engine has another OpenMP here");
        if (Names.Any(name => Environment.GetEnvironmentVariable(name) is not null)) Assert.Skip("the environment of the tests says how");
        using var run = CommandProcess.Start(["doctor"], [.. environment, ("OMP_DISPLAY_ENV", "VERBOSE")]);
        var (code, output, error) = run.Wait();
        Assert.Equal(0, code);
        return (error, output.Split('\n').FirstOrDefault(line => line.StartsWith("waiting", StringComparison.Ordinal)) ?? "");
    }

    /// <summary>The policy is shown as passive even where nobody has chosen it; the spins tell.</summary>
    [Fact]
    public void Threads_do_not_spin()
    {
        var (said, doctor) = Doctor();
        Assert.Contains("GOMP_SPINCOUNT = '0'", said, StringComparison.Ordinal);
        Assert.EndsWith(" OMP_WAIT_POLICY=PASSIVE", doctor, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OMP_WAIT_POLICY", "ACTIVE", "OMP_WAIT_POLICY = 'ACTIVE'")]
    [InlineData("GOMP_SPINCOUNT", "77", "GOMP_SPINCOUNT = '77'")]
    public void What_the_user_has_set_stays(string name, string value, string expected)
    {
        var (said, doctor) = Doctor((name, value));
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.EndsWith($" {name}={value}", doctor, StringComparison.Ordinal);
    }
}
