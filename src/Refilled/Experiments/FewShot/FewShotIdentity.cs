using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Recipes;

namespace Refilled.Experiments.FewShot;

/// <summary>Which settings a few-shot result was made with, whatever the machine and wherever things lay.</summary>
internal static class FewShotIdentity
{
    /// <summary>SHA-256 (hex) of the settings that decide the numbers; see <see cref="RecipeIdentity"/>.</summary>
    /// <remarks>Of a recipe without paths, device, threads and number format, without the options of other learners, and without
    /// values at their defaults. Data, networks and number format are compared by themselves.</remarks>
    /// <exception cref="InputException">A file of class names can't be read.</exception>
    public static string Hash(FewShotRecipe recipe)
    {
        var kind = FewShotLearners.Find(recipe.Learner);
        var blank = new FewShotRecipe { Backbone = "" };
        var chooses = kind.Choice(recipe) is not null;
        var lines = RecipeWriter.Changed(blank, kind.WithOptions(blank, recipe) with
        {
            ImageSize = recipe.ImageSize,
            SkipBad = recipe.SkipBad,
            JoinTest = recipe.JoinTest,
            Classes = ClassSpec.Parse(recipe.Classes).Identity,
            Validation = chooses && recipe.Validation is { } validation ? ClassSpec.Parse(validation).Identity : null,
            ValidationTasks = chooses ? recipe.ValidationTasks : blank.ValidationTasks,
            Learner = recipe.Learner,
            Episode = recipe.Episode,
            Tasks = recipe.Tasks,
            Seed = recipe.Seed,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
    }
}
