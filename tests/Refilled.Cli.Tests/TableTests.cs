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
    public async Task Cut_it_goes_on_and_is_rendered_without_training()
    {
        string[] longer = ["--set", "base.stage2.epochs=8"];
        var cut = await RunUntil(folder["out", "easy", "wrn-10-1", "student-0", "checkpoint.safetensors"], Line(longer));
        Assert.Empty(cut.Output);
        Assert.Contains("Run the same command again", cut.Error, StringComparison.Ordinal);

        var rest = await Table(0, longer);
        Assert.Contains("easy/wrn-10-1/student-0: goes on", rest.Error, StringComparison.Ordinal);
        Assert.Equal((2, 2), (Last(rest).GetProperty("finished").GetInt32(), Last(rest).GetProperty("runs").GetInt32()));
        Assert.Equal(["easy_teacher.json", "easy_wrn-10-1_refilled_0.json", "easy_wrn-10-1_student_0.json"],
            Directory.GetFiles(folder["out", "results"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var name in new[] { "table.md", "table.csv", "table.json" }) Assert.True(File.Exists(folder["out", name]), name);

        Directory.Delete(folder["out", "easy"], recursive: true);
        await Table(0, [.. longer, "--render", folder["page.md"]]);
        Assert.Contains("<!-- grid: out/results tiny.yaml -->", File.ReadAllText(folder["page.md"]), StringComparison.Ordinal);
        Assert.Contains("was made with the recipe", (await Table(2)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_fails_is_named_and_the_table_ends_with_1()
    {
        // Something is in the way of one run's folder.
        folder.Write("out/easy/wrn-10-1/student-long-0/stray.txt", "");
        var (output, error) = await Table(1, "--set", "methods=[student,student-long]");
        Assert.Contains("failed: easy/wrn-10-1/student-long-0: exit code 2:", error, StringComparison.Ordinal);
        Assert.Contains("\"finished\":1,\"runs\":2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setting: standard", "use refilled table standard")]
    [InlineData("methods: [student, hint]", "There is no method 'hint'")]
    [InlineData("students: [wrn-10-9000]", "There is no network 'wrn-10-9000'")]
    public async Task Wrong_recipes_end_with_2(string line, string message)
    {
        File.WriteAllText(recipe,
            string.Join('\n', Recipe.Split('\n').Where(other => other.Split(':')[0] != line.Split(':')[0]).Append(line)));
        Assert.Contains(message, (await Table(2)).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task Classes_that_overlap_are_found_before_anything_trains()
    {
        File.WriteAllText(recipe, Recipe.Replace("easy:teacher@0", "easy:student@0", StringComparison.Ordinal));
        Assert.Contains("easy, refilled: In the cross-task setting the teacher's and the student's classes must not overlap",
            (await Table(2)).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private Task<Printed> Table(int expected, params string[] more) => Run(expected, Line(more));

    private string[] Line(string[] more) => ["table", "cross-task", "--recipe", recipe, "--out", folder["out"], "--json", .. more];
}
