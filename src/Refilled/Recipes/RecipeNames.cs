using System.Text;

namespace Refilled.Recipes;

/// <summary>How names of the code are written in recipes and options.</summary>
internal static class RecipeNames
{
    /// <summary>"ImagesPerClass" as "images-per-class".</summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i])) text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
