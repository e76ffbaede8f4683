using Refilled.Tables.Grid;
using System.Text.Json;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Tables.Grid;

/// <summary>A small table and results for it that nobody measured.</summary>
internal static class MadeUpGrid
{
    public const string Text = """
        title: A table
        data: generated:0,classes=8
        base:
          stage1: { epochs: 2 }
          stage2: { epochs: 3 }
        teacher: { student: wrn-10-2 }
        splits:
        - name: one
          student: { classes: 0-3 }
          teacher: { classes: 4-7 }
        - name: two
          student: { classes: 4-7 }
          teacher: { classes: 0-3 }
        students: [wrn-10-1]
        methods: [1nn, student, rkd, refilled]
        seeds: [0, 1]
        edits:
          rkd: { losses: { relational-knowledge: { angle-weight: 7 } } }

        """;

    public static GridPlan Plan(TemporaryFolder folder, string? text = null, params string[] edits) =>
        GridPlan.Expand(RecipeReader.Read<GridRecipe>(folder.Write("table.yaml", text ?? Text), edits.Select(RecipeEdit.Parse)));

    /// <summary>A result of a cell; images are right with a probability.</summary>
    public static RunResult Result(GridCell cell, double accuracy = 0.5, int images = 40)
    {
        var random = new SeededRandom(cell.Seed, SeedStream.Order, cell.Method.Length, cell.Split.Length);
        var right = Enumerable.Range(0, images).Select(_ => random.Chance(accuracy)).ToList();
        return new RunResult
        {
            Setting = "cross-task", Data = "generated", Split = cell.Recipe.Classes, Student = cell.Recipe.Student, Method = cell.Method,
            Seed = cell.Seed,
            Teacher = cell.Teacher is null ? null : "wrn-10-2", TeacherHash = cell.Teacher is null ? null : "t-" + cell.Split,
            Top1 = 100 * right.Average(one => one ? 1.0 : 0), Top1Selected = 50, Top5 = 90, Ncm = 40, Epochs = 5, TrainImages = 100,
            HeldOutImages = 10, TestImages = images, Seconds = 1,
            Right = RightImages.Encode(right), RightSelected = RightImages.Encode(right), TestHash = "i-" + cell.Split, Precision = "fp32",
            Machine = "cpu",
            RecipeHash = "r", SettingsHash = cell.SettingsHash, ResultsVersion = ResultsVersion.Current, DataHash = "d", Version = "0",
        };
    }

    /// <summary>Leaves in a run folder what a finished run leaves.</summary>
    public static void Finish(TrainStart job, RunResult result)
    {
        Directory.CreateDirectory(job.Folder);
        File.WriteAllText(Path.Combine(job.Folder, RunFolder.RecipeName), RecipeWriter.Write(job.Recipe));
        // The nearest neighbour is no network.
        if (job.Recipe.Method != "1nn") File.WriteAllText(Path.Combine(job.Folder, RunFolder.NetworkName), "");
        File.WriteAllText(Path.Combine(job.Folder, RunFolder.ResultName), JsonSerializer.Serialize(result, RunFolder.Json));
    }
}
