using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Experiments;

/// <summary>Which settings a result was made with, whatever the machine and wherever things lay.</summary>
/// <remarks>A SHA-256 (hex), so that a table can tell its own results on any machine. Data, networks and number format are compared by
/// themselves. Values at their defaults are no part of it: a setting that is added later doesn't orphan results, and a default that
/// changes raises <see cref="ResultsVersion"/>.</remarks>
internal static class Identity
{
    /// <summary>The hash of a recipe without all that only says where and how fast it runs.</summary>
    /// <exception cref="InputException">A file of class names can't be read.</exception>
    public static string Hash(Recipe recipe)
    {
        var blank = new Recipe { Data = "", Validation = recipe.Validation is null ? null : new ValidationEpisodes { Classes = "" } };
        return Hash(blank, recipe with
        {
            // Where things lie, and how fast it runs.
            Data = blank.Data, Teacher = blank.Teacher, TeacherCache = blank.TeacherCache, DecodedCache = blank.DecodedCache,
            Device = blank.Device, Threads = blank.Threads, Precision = blank.Precision,
            TeacherCachePrecision = recipe.KeptPrecision == CachePrecision.Fp32 ? null : recipe.KeptPrecision,
            Prefetch = blank.Prefetch, CheckpointSteps = blank.CheckpointSteps,
            // That there is one decides the training; which one, its hash tells.
            Start = recipe.Start is null ? null : "",
            Unlabelled = recipe.Unlabelled is null or UnlabelledData.Rest ? recipe.Unlabelled : "",
            // The teacher's own network has the name that the teacher gives it.
            Student = recipe.CreateMethod().Start == StudentStart.Teacher ? "" : recipe.Student,
            HoldOut = recipe.HoldOut == recipe.DefaultHoldOut ? null : recipe.HoldOut,
            Classes = Classes(recipe.Classes),
            Validation = recipe.Validation is { } validation ? validation with { Classes = Classes(validation.Classes) } : null,
        });
    }

    /// <summary>The hash of what differs from a recipe that says nothing.</summary>
    public static string Hash<T>(T blank, T recipe) where T : class => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(RecipeWriter.Changed(blank, recipe).Select(line => line + "\n")))));

    /// <summary>Which classes are meant, wherever a file of them lies.</summary>
    public static string Classes(string spec) => ClassSpec.Parse(spec).Identity;
}
