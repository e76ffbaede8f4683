using System.Globalization;

namespace Refilled.PerformanceTests;

/// <summary>What trains nothing answers at once: the engine's libraries are not loaded for it.</summary>
[Collection("measurements")]
public class StartTests(InstalledCommand command, ITestOutputHelper log) : IClassFixture<InstalledCommand>
{
    private const int Times = 10;
    private static readonly TimeSpan Allowed = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(0, "distill", "--help")]
    [InlineData(2, "distill", "--data", "generated:0", "--teacher", "runs/teacher", "--set", "stage1.epoch=3")]
    [InlineData(2, "distil")]
    public void The_median_answer_takes_less_than_200_ms(int code, params string[] args)
    {
        command.Run(args); // warms the disk's cache
        var times = Enumerable.Range(0, Times).Select(_ =>
        {
            var (found, time) = command.Run(args);
            Assert.Equal(code, found);
            return time;
        }).Order().ToList();
        var median = (times[Times / 2 - 1] + times[Times / 2]) / 2;
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"refilled {string.Join(' ', args)}: "
            + $"median {median.TotalMilliseconds:0} ms, {times[0].TotalMilliseconds:0} to {times[^1].TotalMilliseconds:0}"));
        Assert.InRange(median, TimeSpan.Zero, Allowed);
    }
}
