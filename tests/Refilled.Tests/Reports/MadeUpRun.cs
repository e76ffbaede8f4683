using System.Text.Json;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Reports;

/// <summary>Run folders without a run.</summary>
internal static class MadeUpRun
{
    /// <summary>Leaves what a run leaves that has ended, or that was stopped where nothing is right.</summary>
    public static string Write(TemporaryFolder folder, string name, string method = "student", int seed = 0, bool[]? right = null,
        int epochs = 2, string student = "wrn-10-1")
    {
        var recipe = new Recipe
        {
            Data = "generated:0", Method = method, Student = student, Teacher = method == "student" ? null : "teacher",
            Seeds = new SeedSettings { Run = seed },
        };
        folder.Write($"{name}/{RunFolder.RecipeName}", RecipeWriter.Write(recipe));
        folder.Write($"{name}/{RunFolder.EnvironmentName}",
            """{"version":"1.2.3","host":{"system":"Somewhere","cpu":{"model":"A processor"}}}""");
        folder.Write($"{name}/{RunFolder.MetricsName}", string.Concat(Enumerable.Range(0, epochs).Select(Line)));
        if (right is not null)
            folder.Write($"{name}/{RunFolder.ResultName}", JsonSerializer.Serialize(Result(recipe, right), RunFolder.Json));
        return folder[name];
    }

    /// <summary>A line of metrics.</summary>
    public static string Line(int epoch) => JsonSerializer.Serialize(new
    {
        stage = "classifier", epoch, learningRate = 0.1, train = new { loss = 2.0 / (epoch + 1), accuracy = 0.5 }, heldOut = 0.1 * epoch,
        best = epoch, seconds = epoch + 1,
    }, RunFolder.Json) + "\n";

    private static RunResult Result(Recipe recipe, bool[] right) => new()
    {
        Setting = "cross-task", Data = "generated", Split = "all", Student = recipe.Student, Method = recipe.Method,
        Seed = recipe.Seeds.Run,
        Top1 = 100 * right.Average(one => one ? 1.0 : 0), Top1Selected = 100 * right.Average(one => one ? 1.0 : 0), Top5 = 90, Ncm = 40,
        Epochs = 2, TrainImages = 100, HeldOutImages = 10, TestImages = right.Length, Seconds = 1,
        Right = RightImages.Encode(right), RightSelected = RightImages.Encode(right), TestHash = "images",
        Precision = "fp32", Machine = "cpu",
        RecipeHash = "r", ResultsVersion = ResultsVersion.Current, DataHash = "d", Version = "0",
    };
}
