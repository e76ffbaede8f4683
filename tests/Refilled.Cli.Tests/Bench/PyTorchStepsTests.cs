using System.Runtime.Versioning;
using Refilled.Cli.Bench;
using Refilled.Networks;

namespace Refilled.Cli.Tests.Bench;

public class PyTorchStepsTests
{
    private static readonly StepBenchOptions Small = new()
        { Student = "wrn-10-1", Teacher = "wrn-10-1", Batch = 4, Rounds = 2, Precisions = [Precision.Fp32] };

    [Theory]
    [InlineData("/nowhere/python3", "/nowhere/python3: not found")]
    [InlineData("/bin/false", "/bin/false: it said nothing")]
    public void Without_a_Python_that_has_it_one_is_told_how_to_get_one(string python, string why)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("other paths");
        var message = Assert.Throws<InputException>(() => PyTorchSteps.Start(Small, Precision.Fp32, 1, python)).Message;
        Assert.Contains($"({why})", message, StringComparison.Ordinal);
        Assert.Contains("pip install torch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_networks_than_it_has_are_refused() => Assert.Contains("not mobilenet-0.25 at 32",
        Assert.Throws<InputException>(() => PyTorchSteps.Start(Small with { Student = "mobilenet-0.25" }, Precision.Fp32, 1, null)).Message,
        StringComparison.Ordinal);

    /// <summary>With a program in its place that answers as it does, each step of a kind in two milliseconds.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Steps_take_turns_and_ratios_are_within_a_round()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("a shell stands in for Python");
        var (folder, asked) = (Directory.CreateTempSubdirectory("refilled-test-").FullName, "");
        try
        {
            var python = Path.Combine(folder, "python");
            File.WriteAllText(python, $$"""
                #!/bin/sh
                echo '{"torch": "9.8", "threads": 1}'
                while read -r step; do echo "$step" >> {{folder}}/asked; echo 2.0; done
                """);
            File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var report = new StepBench(Small).RunAgainstPyTorch(python, 1, TestContext.Current.CancellationToken);
            Assert.Equal(("9.8", 1, "fp32"), (report.Version, report.Threads, report.Precision));
            Assert.Equal(["student", "ce", "kd"], report.Steps.Select(step => step.What));
            Assert.All(report.Steps, step => Assert.Equal(2, step.PyTorchMs));
            Assert.All(report.Steps, step => Assert.Equal(step.Ms / 2, step.Ratio, 6));
            asked = File.ReadAllText(Path.Combine(folder, "asked"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
        Assert.Equal(string.Concat(Enumerable.Repeat("student\nce\nkd\n", 5)), asked); // three rounds warm up
    }
}
