namespace Refilled.Recipes;

/// <summary>A value of a recipe and where it stands, after files and edits have been merged.</summary>
internal abstract record RecipeNode(string Source, int Line)
{
    /// <summary>A single value. Plain means unquoted, so that it may stand for a number, a truth or null.</summary>
    public sealed record Scalar(string Source, int Line, string Text, bool Plain) : RecipeNode(Source, Line)
    {
        /// <summary>Whether it stands for "no value".</summary>
        public bool IsNull => Plain && Text is ("" or "null" or "Null" or "NULL" or "~");
    }

    /// <summary>A list.</summary>
    public sealed record Sequence(string Source, int Line, IReadOnlyList<RecipeNode> Items) : RecipeNode(Source, Line);

    /// <summary>Keys and values, in order.</summary>
    public sealed record Mapping(string Source, int Line, IReadOnlyDictionary<string, RecipeNode> Values) : RecipeNode(Source, Line)
    {
        /// <summary>The single value that it was laid over, which stands for one of its keys where its type says so.</summary>
        public Scalar? Under { get; init; }

        /// <summary>This mapping with another laid over it.</summary>
        /// <remarks>Nested mappings merge, everything else is replaced, though a single value under a mapping is remembered: "letters" and
        /// "mixup: 0.2" over it are "preset: letters" and "mixup: 0.2". An edit, which has no line, leaves the place of what it
        /// edits, so that only its own values are blamed on it.</remarks>
        public Mapping Merge(Mapping over)
        {
            var merged = new Dictionary<string, RecipeNode>(Values);
            foreach (var (key, value) in over.Values)
                merged[key] = (value, merged.GetValueOrDefault(key)) switch
                {
                    (Mapping upper, Mapping lower) => lower.Merge(upper),
                    (Mapping upper, Scalar { IsNull: false } single) => upper with { Under = single },
                    _ => value,
                };
            var place = over.Line > 0 ? over : this;
            return new Mapping(place.Source, place.Line, merged) { Under = over.Under ?? Under };
        }
    }

    /// <summary>Mappings around a value, from the outermost, that bring it to a path such as "seeds.run".</summary>
    /// <param name="path">The path.</param>
    /// <param name="value">The value.</param>
    /// <param name="source">Where the mappings stand.</param>
    public static Mapping At(string path, RecipeNode value, string source)
    {
        foreach (var key in path.Split('.').Reverse())
            value = new Mapping(source, 0, new Dictionary<string, RecipeNode> { [key] = value });
        return (Mapping)value;
    }

    /// <summary>What the node is, for messages.</summary>
    public string Describe() => this switch
    {
        Scalar { IsNull: true } => "nothing",
        Scalar scalar => $"'{scalar.Text}'",
        Sequence => "a list",
        _ => "a mapping",
    };
}

/// <summary>A mapping of a recipe that is kept as it was read, with its places in the files.</summary>
/// <remarks>It is laid over other parts, and bound and checked with them.</remarks>
public sealed class RecipePart
{
    internal RecipePart(RecipeNode.Mapping node) => Node = node;

    /// <summary>Nothing.</summary>
    public static RecipePart Empty { get; } = new(new RecipeNode.Mapping("", 0, new Dictionary<string, RecipeNode>()));

    /// <summary>The keys at the top, in order.</summary>
    public IReadOnlyCollection<string> Keys => [.. Node.Values.Keys];

    internal RecipeNode.Mapping Node { get; }
}

/// <summary>A value of a recipe that is kept as it was read, with its place in the file.</summary>
/// <remarks>It becomes a value of other recipes, whose mistakes are then reported where it stands.</remarks>
public sealed class RecipeText
{
    internal RecipeText(RecipeNode.Scalar node) => Node = node;

    /// <summary>The value.</summary>
    public string Text => Node.Text;

    internal RecipeNode.Scalar Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
