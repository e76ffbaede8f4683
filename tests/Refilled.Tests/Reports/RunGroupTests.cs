using Refilled.Reports.Runs;
using Refilled.Tests.Support;

namespace Refilled.Tests.Reports;

public sealed class RunGroupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Runs_that_differ_by_their_seed_alone_are_one_group()
    {
        var groups = Groups(
            MadeUpRun.Write(folder, "b", "lkd", seed: 1, right: [true, true, false, false]),
            MadeUpRun.Write(folder, "c", "student", seed: 0, right: [true, false, false, false]),
            MadeUpRun.Write(folder, "a", "lkd", seed: 0, right: [true, true, true, false]),
            MadeUpRun.Write(folder, "d", "student", seed: 0, student: "wrn-16-1"));
        Assert.Equal(["lkd", "student, wrn-10-1", "student, wrn-16-1"], groups.Select(group => group.Name));
        Assert.Equal(["a", "b"], groups[0].Runs.Select(run => run.Name));
        Assert.Equal(62.5, groups[0].Mean(result => result.Top1Selected)!.Value.Mean);
        Assert.Null(groups[2].Mean(result => result.Top1Selected));
    }

    [Fact]
    public void A_gain_is_of_the_seeds_that_both_have()
    {
        var groups = Groups(
            MadeUpRun.Write(folder, "a", "lkd", seed: 0, right: [true, true, true, false]),
            MadeUpRun.Write(folder, "b", "lkd", seed: 1, right: [false, false, false, false]),
            MadeUpRun.Write(folder, "c", "student", seed: 0, right: [true, false, false, false]));
        var gain = groups[0].Over(groups[1])!;
        Assert.Equal((50, 1, 4), (gain.Points, gain.Seeds, gain.Images));
        Assert.True(gain.Low < 50 && gain.High > 50);
    }

    [Fact]
    public void Runs_on_other_images_have_no_gain_and_unreadable_ones_stand_alone()
    {
        var other = MadeUpRun.Write(folder, "other", "student", right: [true, false]);
        var file = Path.Combine(other, "result.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"images\"", "\"others\"", StringComparison.Ordinal));
        MadeUpRun.Write(folder, "broken");
        folder.Write("broken/recipe.yaml", "[");
        var groups = Groups(MadeUpRun.Write(folder, "mine", "lkd", right: [true, true]), other, folder["broken"]);
        Assert.Equal(3, groups.Count);
        Assert.Null(groups[0].Over(groups[1]));
        Assert.Equal("broken", groups[2].Name);
    }

    private static IReadOnlyList<RunGroup> Groups(params string[] paths) => RunGroup.Of([.. paths.Select(RunRecord.Read)]);
}
