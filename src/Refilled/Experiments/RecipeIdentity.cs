using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>Which settings a result was made with, whatever the machine and wherever things lay.</summary>
internal static class RecipeIdentity
{
    /// <summary>SHA-256 (hex) of a recipe without all that only says where and how fast it runs.</summary>
    /// <remarks>That is paths of data, teacher, start, files of names and caches, device, threads, number format and prefetching.
    /// So a table can tell its own results on any machine; data, teacher, start and number format are compared by themselves.
    /// Values at their defaults are no part of it either: a setting that is added later doesn't orphan results, and a default that
    /// changes raises <see cref="ResultsVersion"/>.</remarks>
    /// <exception cref="InputException">A file of class names can't be read.</exception>
    public static string Hash(Recipe recipe)
    {
        var blank = new Recipe { Data = "", Validation = recipe.Validation is null ? null : new ValidationEpisodes { Classes = "" } };
        var lines = RecipeWriter.Changed(blank, recipe with
        {
            Data = blank.Data,
            Teacher = blank.Teacher,
            // That there is one decides the training; which one, its hash tells.
            Start = recipe.Start is null ? null : "",
            Classes = ClassSpec.Parse(recipe.Classes).Identity,
            Validation = recipe.Validation is { } validation
                ? validation with { Classes = ClassSpec.Parse(validation.Classes).Identity } : null,
            HoldOut = recipe.HoldOut == recipe.DefaultHoldOut ? null : recipe.HoldOut,
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
