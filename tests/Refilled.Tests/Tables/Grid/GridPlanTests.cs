using Refilled.Tables.Grid;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tests.Support;

namespace Refilled.Tests.Tables.Grid;

public sealed class GridPlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_grid_is_splits_by_students_by_methods_by_seeds()
    {
        var plan = MadeUpGrid.Plan(folder);
        // The nearest neighbour has no randomness, and one run a split.
        Assert.Equal(2 * (1 + 3 * 2), plan.Cells.Count);
        Assert.Equal(["one/teacher", "two/teacher"], plan.Teachers.Select(teacher => teacher.Id));
        Assert.Equal(["one/own/1nn-0", "one/wrn-10-1/student-0", "one/wrn-10-1/student-1", "one/wrn-10-1/rkd-0"],
            plan.Cells.Take(4).Select(cell => cell.Id));
        Assert.Equal(plan.Jobs.Count, plan.Jobs.Select(cell => cell.ResultName).Distinct().Count());

        var cell = plan.Cells.Single(cell => cell.Id == "two/wrn-10-1/rkd-1");
        Assert.Equal(("4-7", "rkd", 1, 7.0, 3), (cell.Recipe.Classes, cell.Recipe.Method, cell.Recipe.Seeds.Run,
            cell.Recipe.Losses.RelationalKnowledge.AngleWeight, cell.Recipe.Stage2.Epochs));
        Assert.Equal(plan.Teachers[1], cell.Teacher);
        Assert.Null(plan.Cells.Single(other => other.Id == "two/wrn-10-1/student-1").Teacher);
        Assert.Equal(50, plan.Cells.Single(other => other.Id == "two/wrn-10-1/refilled-1").Recipe.Losses.RelationalKnowledge.AngleWeight);
    }

    [Fact]
    public void Methods_that_use_the_teachers_own_network_have_one_run_for_all_students()
    {
        var plan = MadeUpGrid.Plan(folder, null, "students=[wrn-10-1, wrn-10-2]", "methods=[1nn, ft, student, rkd]");
        Assert.Equal(["one/own/1nn-0", "one/own/ft-0", "one/own/ft-1"],
            plan.Cells.Where(cell => cell is { Split: "one", Student: GridCell.Own }).Select(cell => cell.Id));
        Assert.Equal(4, plan.Cells.Count(cell => cell is { Split: "one", Method: "student" }));
    }

    [Fact]
    public void A_method_of_the_recipes_own_needs_no_code()
    {
        var plan = MadeUpGrid.Plan(folder, MadeUpGrid.Text.Replace("refilled]", "mine]", StringComparison.Ordinal) + "  mine: { stages: "
            + "[{ losses: { cross-entropy: 1, attention-transfer: 10 } }] }\n");
        var made = plan.Cells.First(cell => cell.Method == "mine").Recipe.CreateMethod();
        Assert.Equal(["cross-entropy", "attention-transfer"], made.Stages.Single().Losses.Select(loss => loss.Name));
    }

    [Fact]
    public void Splits_with_the_same_teacher_share_one()
    {
        var plan = MadeUpGrid.Plan(folder, MadeUpGrid.Text.Replace("teacher: { classes: 0-3 }", "teacher: { classes: 4-7 }",
            StringComparison.Ordinal).Replace("student: { classes: 4-7 }", "student: { classes: 0-2 }", StringComparison.Ordinal));
        Assert.Equal("one/teacher", Assert.Single(plan.Teachers).Id);
        Assert.All(plan.Cells.Where(cell => cell.Method == "rkd"), cell => Assert.Equal(plan.Teachers[0], cell.Teacher));
    }

    [Fact]
    public void A_trained_teacher_is_taken_as_it_is()
    {
        var plan = MadeUpGrid.Plan(folder,
            MadeUpGrid.Text.Replace("- name: one\n", "- name: one\n  trained: models/some\n", StringComparison.Ordinal));
        Assert.Equal("two/teacher", Assert.Single(plan.Teachers).Id);
        Assert.Equal("models/some", plan.Cells.First(cell => cell is { Split: "one", Method: "rkd" }).TrainedTeacher);
    }

    [Theory]
    [InlineData("methods: [1nn, student, rkd, refilled]", "methods: [student, rkd, refiled]",
        "table.yaml:15: method: There is no method 'refiled'. Did you mean 'refilled'?")]
    [InlineData("students: [wrn-10-1]", "students: [wrn-11-1]", "table.yaml:14: student: There is no network 'wrn-11-1'")]
    [InlineData("  rkd: {", "  rkdd: {", "table.yaml:18: edits.rkdd: the table has no method 'rkdd'. Did you mean 'rkd'?")]
    [InlineData("{ relational-knowledge:", "{ relational-knowlege:",
        "table.yaml:18: losses.relational-knowlege: unknown key. Did you mean 'relational-knowledge'?")]
    [InlineData("  stage1: { epochs: 2 }", "  stage1: { epochs: 0 }", "table.yaml:4: stage1.epochs: must be from 1")]
    [InlineData("title: A table", "titel: A table", "table.yaml:1: titel: unknown key. Did you mean 'title'?")]
    [InlineData("{ classes: 0-3 }", "{ classes: easi:student }", "table.yaml:9: classes: 'easi:student' names no classes")]
    [InlineData("methods: [1nn, student, rkd, refilled]", "methods: [rkd]",
        "table.yaml:1: baselines: gains are measured against 'student', which is none of the methods")]
    [InlineData("seeds: [0, 1]", "seeds: [1, 1]", "table.yaml:16: seeds: '1' stands twice")]
    [InlineData("data: generated", "data: genrated", "table.yaml:2: data: There is no kind of data 'genrated'. Did you mean 'generated'?")]
    [InlineData("refilled]", "kd]", "setting: the method 'kd' compares the teacher's logits")]
    [InlineData("- name: two", "- name: Two_", "table.yaml:11: splits[1].name: must be of lower-case letters")]
    public void Mistakes_are_named_with_their_place(string right, string wrong, string message)
    {
        Assert.Contains(right, MadeUpGrid.Text, StringComparison.Ordinal);
        var error = Assert.Throws<RecipeException>(() =>
            MadeUpGrid.Plan(folder, MadeUpGrid.Text.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        // A mistake in what all runs share is said once.
        Assert.Equal(error.Errors.Count, error.Errors.Distinct().Count());
    }

    [Fact]
    public void Parts_may_include_files()
    {
        folder.Write("parts/schedule.yaml", "stage2: { epochs: 9 }\n");
        var plan = MadeUpGrid.Plan(folder,
            MadeUpGrid.Text.Replace("  stage2: { epochs: 3 }", "  include: parts/schedule.yaml", StringComparison.Ordinal));
        Assert.All(plan.Cells, cell => Assert.Equal(9, cell.Recipe.Stage2.Epochs));
    }

    public static TheoryData<string> Recipes() =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "recipes", "tables"), "*.yaml").Select(path => Path.GetFileName(path))
            .Where(name => !name.Contains("middle-shot", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void The_committed_tables_expand(string name)
    {
        var plan = GridPlan.Expand(RecipeReader.Read<GridRecipe>(Path.Combine(Repository.Root, "recipes", "tables", name), []));
        Assert.NotEmpty(plan.Cells);
        Assert.Contains("refilled", plan.Cells.Select(cell => cell.Method));
        // Whatever the machine and wherever the data lie, a result is known by its settings.
        var moved = plan.Cells[0] with { Recipe = plan.Cells[0].Recipe
            with { Data = "cifar100:elsewhere", Threads = 7, Device = "cpu", Precision = PrecisionChoice.Bf16 } };
        Assert.Equal(plan.Cells[0].SettingsHash, moved.SettingsHash);
        Assert.NotEqual(plan.Cells[0].SettingsHash,
            (plan.Cells[0] with { Recipe = plan.Cells[0].Recipe with { Batch = 77 } }).SettingsHash);
    }
}
