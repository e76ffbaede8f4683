using System.Security.Cryptography;
using System.Text;
using Refilled.Training;

namespace Refilled.Recipes;

/// <summary>Which settings a result was made with, whatever the machine and wherever things lay.</summary>
public static class RecipeIdentity
{
    /// <summary>SHA-256 (hex) of a recipe without all that only says where and how fast it runs: paths of data, teacher and caches,
    /// device, threads, number format and prefetching. So a table can tell its own results on any machine; data, teacher and number
    /// format are compared by themselves. Values at their defaults are no part of it either: a setting that is added later doesn't
    /// orphan results, and a default that changes raises <see cref="ResultsVersion"/>.</summary>
    public static string Hash(Recipe recipe)
    {
        var blank = new Recipe { Data = "" };
        var lines = RecipeWriter.Changed(blank, recipe with
        {
            Data = blank.Data,
            Teacher = blank.Teacher,
            TeacherCache = blank.TeacherCache,
            DecodedCache = blank.DecodedCache,
            Device = blank.Device,
            Threads = blank.Threads,
            Precision = blank.Precision,
            Prefetch = blank.Prefetch,
            CheckpointSteps = blank.CheckpointSteps,
            // The teacher's own network has the name that the teacher gives it.
            Student = recipe.CreateMethod().Start == StudentStart.Teacher ? "" : recipe.Student,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
    }
}
