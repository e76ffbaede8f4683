using System.Text.Json;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>A table from the command: run, cut, gone on with, and rendered.</summary>
public sealed class TableTests : IDisposable
{
    private const string Recipe = """
        title: Tiny
        data: generated:0,classes=4,train=16,test=6
        base:
          batch: 8
          stage1: { epochs: 1 }
          stage2: { epochs: 1 }
        teacher: { student: wrn-10-1, batch: 8, stage2: { epochs: 1 } }
        splits:
        - name: easy
          student: { classes: easy:student@0 }
          teacher: { classes: easy:teacher@0 }
        students: [wrn-10-1]
        methods: [student, refilled]
        seeds: [0]

        """;

    private readonly TemporaryFolder folder = new();
    private readonly string recipe;

    public TableTests() => recipe = folder.Write("tiny.yaml", Recipe);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Cut_it_goes_on_and_is_rendered_without_training()
    {
        using (var cut = Table("--set", "base.stage2.epochs=12"))
        {
            var end = DateTime.UtcNow.AddMinutes(2);
            while (!File.Exists(folder["out", "easy", "wrn-10-1", "student-0", "checkpoint.safetensors"]))
            {
                Assert.False(cut.HasExited, "the table ended early");
                Assert.True(DateTime.UtcNow < end, "the table doesn't get there");
                Thread.Sleep(5);
            }
            cut.Interrupt();
            var (code, output, error) = cut.Wait();
            Assert.True(code == 130, error);
            Assert.Empty(output);
            Assert.Contains("Run the same command again", error, StringComparison.Ordinal);
        }
        using (var rest = Table("--set", "base.stage2.epochs=12"))
        {
            var (code, output, error) = rest.Wait();
            Assert.True(code == 0, error);
            Assert.Contains("easy/wrn-10-1/student-0: goes on", error, StringComparison.Ordinal);
            var report = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
            Assert.Equal((2, 2), (report.GetProperty("finished").GetInt32(), report.GetProperty("runs").GetInt32()));
        }
        Assert.Equal(["easy_teacher.json", "easy_wrn-10-1_refilled_0.json", "easy_wrn-10-1_student_0.json"],
            Directory.GetFiles(folder["out", "results"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var name in new[] { "table.md", "table.csv", "table.json" }) Assert.True(File.Exists(folder["out", name]), name);

        Directory.Delete(folder["out", "easy"], recursive: true);
        using (var render = Table("--set", "base.stage2.epochs=12", "--render", folder["page.md"])) Assert.Equal(0, render.Wait().Code);
        Assert.Contains("<!-- grid: out/results tiny.yaml -->", File.ReadAllText(folder["page.md"]), StringComparison.Ordinal);

        using var other = Table();
        var (refused, _, why) = other.Wait();
        Assert.Equal(2, refused);
        Assert.Contains("was made with the recipe", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_fails_is_named_and_the_table_ends_with_1()
    {
        // Something is in the way of one run's folder.
        folder.Write("out/easy/wrn-10-1/refilled-0/stray.txt", "");
        using var table = Table();
        var (code, output, error) = table.Wait();
        Assert.True(code == 1, error);
        Assert.Contains("failed: easy/wrn-10-1/refilled-0: exit code 2:", error, StringComparison.Ordinal);
        Assert.Contains("\"finished\":1,\"runs\":2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setting: standard", "use refilled table standard")]
    [InlineData("methods: [student, hint]", "There is no method 'hint'")]
    [InlineData("students: [wrn-10-9000]", "There is no network 'wrn-10-9000'")]
    public void Wrong_recipes_end_with_2(string line, string message)
    {
        File.WriteAllText(recipe,
            string.Join('\n', Recipe.Split('\n').Where(other => other.Split(':')[0] != line.Split(':')[0]).Append(line)));
        using var table = Table();
        var (code, _, error) = table.Wait();
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Classes_that_overlap_are_found_before_anything_trains()
    {
        File.WriteAllText(recipe, Recipe.Replace("easy:teacher@0", "easy:student@0", StringComparison.Ordinal));
        using var table = Table();
        var (code, _, error) = table.Wait();
        Assert.Equal(2, code);
        Assert.Contains("easy, refilled: In the cross-task setting the teacher's and the student's classes must not overlap", error,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private CommandProcess Table(params string[] more) =>
        CommandProcess.Start(["table", "cross-task", "--recipe", recipe, "--out", folder["out"], "--json", .. more]);
}
