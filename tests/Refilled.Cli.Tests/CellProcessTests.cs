using Refilled.Cli.Commands;

namespace Refilled.Cli.Tests;

public class CellProcessTests
{
    [Theory]
    [InlineData(1, "No space left on device : 'x'", "classifier 1/1 loss 1.4", "Failed: No space left on device : 'x'")]
    [InlineData(1, "The loss became NaN", "classifier 1/1 loss 1.4", "The loss became NaN")]
    [InlineData(1, "exit code 1: ")]
    [InlineData(2, "exit code 2: a.yaml: unknown key / Known: b", "a.yaml: unknown key", "Known: b")]
    [InlineData(137, "exit code 137: classifier 1/1 loss 1.4", "classifier 1/1 loss 1.4")]
    public void What_failed_is_told_without_the_progress_before_it(int exitCode, string reason, params string[] lastLines) =>
        Assert.Equal(reason, CellProcess.Reason(exitCode, lastLines));
}
