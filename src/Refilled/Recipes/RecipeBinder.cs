using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Refilled.Recipes;

/// <summary>Fills immutable records from <see cref="RecipeNode"/>s.</summary>
/// <remarks>Keys are property names in kebab-case; what isn't given keeps the value that the enclosing record has by
/// default.</remarks>
/// <param name="errors">Takes what is wrong.</param>
/// <param name="incomplete">Whether a part of the recipe couldn't be read: then nothing is called missing, and only values
/// that were given are called impossible, because the part that is gone may hold what would make it right.</param>
internal sealed class RecipeBinder(List<RecipeError> errors, bool incomplete)
{
    private object? root;

    /// <summary>The properties of a record that a recipe can set, in declaration order, bases first.</summary>
    public static IReadOnlyList<PropertyInfo> Properties(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken),
    ];

    /// <summary>The parts of a section that a list can name; see <see cref="PartsOfAttribute"/>.</summary>
    public static IEnumerable<PropertyInfo> Parts(Type section) => Properties(section).DistinctBy(property => property.PropertyType);

    /// <summary>Whether a type is written as a nested mapping.</summary>
    public static bool IsRecord(Type type) => type.IsClass && type.GetMethod("<Clone>$") is not null;

    /// <summary>The key that a single value stands for where the type may be written as one, or null.</summary>
    public static string? ShorthandOf(Type type) => type.GetCustomAttribute<ShorthandAttribute>()?.Key;

    /// <summary>The element type of an <c>IReadOnlyList</c>, or null.</summary>
    public static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? type.GetGenericArguments()[0]
        : null;

    /// <summary>Makes a record from a mapping laid over defaults.</summary>
    /// <returns>Null where something in it can't be bound; what, is among the errors. Impossible values are bound and
    /// reported, so that the enclosing record is still asked for its own.</returns>
    public object? Record(RecipeNode node, Type type, object? defaults, string path) => Record(node, type, defaults, path, false);

    /// <summary>As <see cref="Record(RecipeNode, Type, object, string)"/>, of a section or of the parts that a list names of it.</summary>
    private object? Record(RecipeNode node, Type type, object? defaults, string path, bool parts)
    {
        if (node is not RecipeNode.Mapping mapping) return Wrong(node, path, "a mapping of keys to values");
        var wrong = new HashSet<string>(); // keys whose value is missing or can't be bound
        var whole = true;
        var made = defaults is null ? RuntimeHelpers.GetUninitializedObject(type) : type.GetMethod("<Clone>$")!.Invoke(defaults, null)!;
        if (defaults is null) type.GetConstructor(Type.EmptyTypes)!.Invoke(made, null);
        root ??= made;
        var properties = (parts ? Parts(type) : Properties(type)).ToDictionary(property => RecipeNames.Kebab(property.Name));
        mapping = Unfolded(mapping, properties, path);
        var places = properties.Keys.Select((key, place) => (key, place)).ToDictionary(pair => pair.key, pair => pair.place);
        // As they are declared, so that a part can start from one before it.
        foreach (var (key, value) in mapping.Values.OrderBy(pair => places.GetValueOrDefault(pair.Key, -1)))
        {
            var here = Within(path, key);
            if (!properties.TryGetValue(key, out var property))
            {
                whole = false;
                Unknown(value, here, key, properties.Keys.Union(properties.Values.Select(PartOf).OfType<string>()));
            }
            else if (Value(value, property, property.GetValue(made), here, out var bound))
                property.SetValue(made, bound);
            else
            {
                whole = false;
                wrong.Add(key);
                if (bound is not null) property.SetValue(made, bound);
            }
        }
        foreach (var (key, property) in properties)
            if (defaults is null && property.GetCustomAttribute<RequiredMemberAttribute>() is not null && !mapping.Values.ContainsKey(key))
            {
                whole = false;
                wrong.Add(key);
                Missing(mapping, path, key);
            }
        // Asked even where something can't be bound, so that all mistakes are seen at once; what can't be bound has been said.
        if (made is IValidated validated)
            foreach (var (where, message) in validated.Validate())
                if (where.Split('.')[0] is var key && !wrong.Contains(key) && (!parts || mapping.Values.ContainsKey(key)))
                    Impossible(mapping, path, where, message);
        return whole ? made : null;
    }

    /// <summary>The parts of a section that a mapping names, as a list.</summary>
    private Array? Named(RecipeNode node, Type section, Type element, string path)
    {
        var usual = root!.GetType().GetProperties().FirstOrDefault(property => property.PropertyType == section)?.GetValue(root);
        if (Record(node, section, usual ?? Activator.CreateInstance(section), path, true) is not { } made) return null;
        var given = ((RecipeNode.Mapping)node).Values;
        object?[] named =
            [.. Parts(section).Where(part => given.ContainsKey(RecipeNames.Kebab(part.Name))).Select(part => part.GetValue(made))];
        var items = Array.CreateInstance(element, named.Length);
        named.CopyTo(items, 0);
        return items;
    }

    private static string? PartOf(PropertyInfo property) => property.GetCustomAttribute<AlsoWithinAttribute>()?.Part;

    private static string Within(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>The mapping with the values that stand within a part at their own keys; see <see cref="AlsoWithinAttribute"/>.</summary>
    private RecipeNode.Mapping Unfolded(RecipeNode.Mapping mapping, Dictionary<string, PropertyInfo> properties, string path)
    {
        var values = new Dictionary<string, RecipeNode>(mapping.Values);
        foreach (var group in properties.Where(pair => PartOf(pair.Value) is not null).GroupBy(pair => PartOf(pair.Value)!))
        {
            var (part, here) = (group.Key, Within(path, group.Key));
            if (!mapping.Values.TryGetValue(part, out var node)) continue;
            if (node is not RecipeNode.Mapping inner)
            {
                if (properties.ContainsKey(part)) continue;
                values.Remove(part);
                Wrong(node, here, Expected(typeof(RecipePart)));
                continue;
            }
            values.Remove(part);
            var places = group.ToDictionary(pair => pair.Value.GetCustomAttribute<AlsoWithinAttribute>()!.Key, pair => pair.Key);
            foreach (var (key, value) in inner.Values)
            {
                if (!places.TryGetValue(key, out var place)) Unknown(value, Within(here, key), key, places.Keys);
                else if (values.TryGetValue(place, out var other) && other.Line > 0 == value.Line > 0)
                    errors.Add(new RecipeError(value.Source, value.Line, Within(here, key),
                        $"stands beside {Within(path, place)}, which is the same; leave one of them out"));
                else if (other is not { Line: 0 }) values[place] = value; // an edit, which has no line, comes last
            }
            foreach (var (key, place) in places)
                if (place == part && !values.ContainsKey(part)) Missing(inner, here, key);
        }
        return mapping with { Values = values };
    }

    private void Unknown(RecipeNode node, string path, string key, IEnumerable<string> known) =>
        errors.Add(new RecipeError(node.Source, node.Line, path,
            $"unknown key.{NearestName.Hint(key, known)} Known here: {string.Join(", ", known)}"));

    private void Missing(RecipeNode.Mapping mapping, string path, string key)
    {
        if (incomplete) return;
        errors.Add(new RecipeError(mapping.Source, mapping.Line, path, $"the key '{key}' is missing") { About = Within(path, key) });
    }

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    /// <summary>Reports an impossible value at the deepest node that exists on its path.</summary>
    private void Impossible(RecipeNode.Mapping mapping, string path, string where, string message)
    {
        RecipeNode node = mapping;
        var given = true;
        foreach (var key in where.Split('.'))
        {
            RecipeNode? next = null;
            given = node is RecipeNode.Mapping inner && inner.Values.TryGetValue(key, out next);
            if (!given) break;
            node = next!;
        }
        if (given || !incomplete)
            errors.Add(new RecipeError(node.Source, node.Line, Within(path, where), message + Givers(mapping, node, message)));
    }

    /// <summary>Which options gave the other values that a message speaks of: what is wrong beside them was right without.</summary>
    private static string Givers(RecipeNode.Mapping mapping, RecipeNode blamed, string message)
    {
        bool Speaks(string key) => Regex.IsMatch(message, $@"\b{Regex.Escape(key).Replace("-", "[- ]", StringComparison.Ordinal)}\b");
        var givers = mapping.Values.Where(pair => pair.Value is RecipeNode.Scalar { Line: 0 } && pair.Value.Source != blamed.Source
            && Speaks(pair.Key)).Select(pair => $"{pair.Key} is given by {pair.Value.Source}").ToList();
        return givers.Count == 0 ? "" : $" ({string.Join(", ", givers)})";
    }

    private bool Value(RecipeNode node, PropertyInfo property, object? current, string path, out object? bound)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (property.GetCustomAttribute<PartsOfAttribute>() is { } parts)
            return (bound = Named(node, parts.Section, ElementOf(type)!, path)) is not null;
        if (node is RecipeNode.Scalar { IsNull: true })
        {
            bound = null;
            // "cross-entropy:" with nothing behind it looks like the loss, not like its absence.
            var nullable = Nullable.GetUnderlyingType(property.PropertyType) is not null
                || new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
            if (nullable) return true;
            return Wrong(node, path, Expected(type)) is not null;
        }
        bound = Bind(node, type, current, path);
        if (bound is string text && property.GetCustomAttribute<BesideRecipeAttribute>() is { } rule)
            bound = Beside(node, text, rule.OrFolder);
        if (bound is not Broken broken) return bound is not null;
        bound = broken.Items;
        return false;
    }

    /// <summary>What a text names beside the recipe, or the text.</summary>
    private static string Beside(RecipeNode node, string text, bool orFolder)
    {
        if (node.Line == 0) return text;
        var beside = Path.Combine(Path.GetDirectoryName(node.Source) ?? "", text);
        return (Path.HasExtension(text) && File.Exists(beside)) || (orFolder && Path.Exists(beside)) ? beside : text;
    }

    private object? Bind(RecipeNode node, Type type, object? current, string path)
    {
        if (type == typeof(RecipePart)) return node is RecipeNode.Mapping part ? new RecipePart(part) : Wrong(node, path, Expected(type));
        if (type == typeof(RecipeText))
            return node is RecipeNode.Scalar { IsNull: false } text ? new RecipeText(text) : Wrong(node, path, Expected(type));
        if (IsRecord(type)) return Record(ShorthandOf(type) is { } key ? Whole(node, key) : node, type, current, path);
        if (ElementOf(type) is { } element)
        {
            if (node is not RecipeNode.Sequence list) return Wrong(node, path, Expected(type));
            var items = Array.CreateInstance(element, list.Items.Count);
            var whole = true;
            for (var i = 0; i < list.Items.Count; i++)
            {
                if (Bind(list.Items[i], element, null, $"{path}[{i}]") is { } item) items.SetValue(item, i);
                else
                {
                    whole = false;
                    if (IsRecord(element)) items.SetValue(Activator.CreateInstance(element), i);
                }
            }
            return whole ? items : IsRecord(element) ? new Broken(items) : null;
        }
        if (node is not RecipeNode.Scalar scalar) return Wrong(node, path, Expected(type));
        if (type == typeof(string)) return scalar.Text;
        if (type.IsEnum)
        {
            var named = Enum.GetNames(type).FirstOrDefault(name => RecipeNames.Kebab(name) == scalar.Text);
            return named is null
                ? Wrong(node, path, Expected(type), NearestName.Hint(scalar.Text, Enum.GetNames(type).Select(RecipeNames.Kebab)))
                : Enum.Parse(type, named);
        }
        object? value = !scalar.Plain ? null : Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => scalar.Text is "true" or "True" or "TRUE" ? true
                : scalar.Text is "false" or "False" or "FALSE" ? false
                : null,
            TypeCode.Int32 => Number<int>(scalar.Text),
            TypeCode.Int64 => Number<long>(scalar.Text),
            TypeCode.Double => Number<double>(scalar.Text) is double number && double.IsFinite(number) ? number : null,
            _ => throw new InvalidOperationException($"A recipe can't hold values of {type}."),
        };
        var large = type == typeof(int) && scalar.Plain && Number<long>(scalar.Text) is not null;
        return value ?? Wrong(node, path, large ? $"a whole number from {int.MinValue} to {int.MaxValue}" : Expected(type));
    }

    /// <summary>A single value, by itself or under a mapping, as the value of the key that it stands for.</summary>
    private static RecipeNode Whole(RecipeNode node, string key) => node switch
    {
        RecipeNode.Scalar { IsNull: false } =>
            new RecipeNode.Mapping(node.Source, node.Line, new Dictionary<string, RecipeNode> { [key] = node }),
        RecipeNode.Mapping { Under: { } single } over when !over.Values.ContainsKey(key) =>
            over with { Values = new Dictionary<string, RecipeNode>(over.Values) { [key] = single } },
        _ => node,
    };

    private static object? Number<T>(string text) where T : struct, INumber<T> =>
        T.TryParse(text, typeof(T) == typeof(double) ? NumberStyles.Float : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var number) ? number : null;

    private static string Expected(Type type) =>
        type == typeof(string) || type == typeof(RecipeText) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(RecipeNames.Kebab))}"
        : ElementOf(type) is not null ? "a list"
        : ShorthandOf(type) is { } key ? $"a {key} or a mapping of keys to values"
        : "a mapping of keys to values";

    private object? Wrong(RecipeNode node, string path, string expected, string hint = "")
    {
        errors.Add(new RecipeError(node.Source, node.Line, path,
            $"expected {expected}, not {node.Describe()}{(hint.Length > 0 ? "." + hint : "")}"));
        return null;
    }

    /// <summary>A list of which some items couldn't be bound.</summary>
    /// <remarks>They stand as empty records, so that the enclosing one, asked for its own mistakes, still sees that there are
    /// some.</remarks>
    private sealed record Broken(Array Items);
}
