using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Refilled.Recipes;

/// <summary>Writes recipes whole: every value explicit, in declaration order, so that reading gives the same record.</summary>
internal static class RecipeWriter
{
    /// <summary>The recipe as YAML.</summary>
    public static string Write<T>(T value) where T : class
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    /// <summary>SHA-256 (hex) of the recipe as YAML.</summary>
    public static string Hash<T>(T value) where T : class =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write(value))));

    /// <summary>The paths where two recipes differ, each with both values: "stage1.epochs was 8, is 10".</summary>
    public static IReadOnlyList<string> Differences<T>(T was, T now) where T : class
    {
        var before = Flatten(was, "").ToDictionary(pair => pair.Path, pair => pair.Value);
        var after = Flatten(now, "").ToDictionary(pair => pair.Path, pair => pair.Value);
        // A part that is null has no values of its own.
        return
        [
            .. from path in before.Keys.Union(after.Keys)
               let old = before.GetValueOrDefault(path, "null")
               let current = after.GetValueOrDefault(path, "null")
               where old != current
               select $"{path} was {old}, is {current}",
        ];
    }

    /// <summary>The values of a recipe that aren't those of another, each with its path: "stage1.epochs: 10".</summary>
    internal static IReadOnlyList<string> Changed<T>(T from, T value) where T : class
    {
        var known = Flatten(from, "").ToDictionary(pair => pair.Path, pair => pair.Value);
        return [.. Flatten(value, "").Where(pair => known.GetValueOrDefault(pair.Path) != pair.Value)
            .Select(pair => $"{pair.Path}: {pair.Value}")];
    }

    private static void Write(StringBuilder text, object value, int depth)
    {
        foreach (var (key, type, held) in Members(value))
        {
            // A part that isn't named.
            if (held is null && value is Parts) continue;
            text.Append(' ', 2 * depth).Append(key).Append(':');
            if (held is not null && RecipeBinder.IsRecord(type))
            {
                text.Append('\n');
                Write(text, held, depth + 1);
            }
            else if (Records(held) is { Count: > 0 } items)
            {
                text.Append('\n');
                foreach (var item in items)
                {
                    var dash = text.Length + 2 * (depth + 1);
                    Write(text, item, depth + 2);
                    text[dash] = '-';
                }
            }
            else text.Append(' ').Append(Scalar(held)).Append('\n');
        }
    }

    private static IEnumerable<(string Path, string Value)> Flatten(object value, string path)
    {
        foreach (var (key, type, held) in Members(value))
        {
            var here = path.Length == 0 ? key : $"{path}.{key}";
            if (held is not null && RecipeBinder.IsRecord(type))
                foreach (var pair in Flatten(held, here)) yield return pair;
            else if (Records(held) is { Count: > 0 } items)
                foreach (var pair in items.SelectMany((item, i) => Flatten(item, $"{here}[{i}]"))) yield return pair;
            else yield return (here, Scalar(held));
        }
    }

    /// <summary>What is written of a record: each key, its type as declared, and its value.</summary>
    private static IEnumerable<(string Key, Type Type, object? Held)> Members(object value)
    {
        if (value is Parts parts)
            return
                from part in RecipeBinder.Parts(parts.Section)
                let item = parts.Items.FirstOrDefault(item => item.GetType() == part.PropertyType)
                where item is not null || !part.IsDefined(typeof(AbsentUnlessGivenAttribute))
                select (RecipeNames.Kebab(part.Name), part.PropertyType, item);
        return
            from property in RecipeBinder.Properties(value.GetType())
            let of = property.GetCustomAttribute<PartsOfAttribute>()
            let held = property.GetValue(value)
            where held is not null || !property.IsDefined(typeof(AbsentUnlessGivenAttribute))
            select of is not null && held is IEnumerable<object> items
                ? (RecipeNames.Kebab(property.Name), typeof(Parts), new Parts(of.Section, items))
                : (RecipeNames.Kebab(property.Name), property.PropertyType, held);
    }

    /// <summary>A list of parts as the mapping that it is written as.</summary>
    private sealed record Parts(Type Section, IEnumerable<object> Items);

    /// <summary>The items of a list of records; null for anything else.</summary>
    private static List<object>? Records(object? value) =>
        value is System.Collections.IEnumerable items and not string && items.Cast<object>().ToList() is var list
            && list.All(item => RecipeBinder.IsRecord(item.GetType()))
            ? list
            : null;

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum named => RecipeNames.Kebab(named.ToString()),
        System.Collections.IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Scalar))}]",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"A recipe can't hold values of {value.GetType()}."),
    };

    /// <summary>A double-quoted YAML text, in which every unusual character is escaped.</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c is >= ' ' and <= '~') quoted.Append(c);
            else quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }
        return quoted.Append('"').ToString();
    }
}

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
