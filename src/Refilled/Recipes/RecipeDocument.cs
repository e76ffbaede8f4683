using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Refilled.Recipes;

/// <summary>Turns YAML files into <see cref="RecipeNode"/>s: includes are merged below the mapping that names them, at any
/// depth.</summary>
/// <remarks>Anchors and aliases are refused, because a value should stand where it is read.</remarks>
internal sealed class RecipeDocument(List<RecipeError> errors)
{
    private const int LargestFile = 1 << 20;
    private const int DeepestNesting = 32;
    private const int MostFiles = 64;
    private readonly List<string> including = [];
    private int files;

    /// <summary>Whether a part couldn't be read, so that what seems to be missing may stand there.</summary>
    public bool Incomplete { get; private set; }

    /// <summary>Reads a file and what it includes.</summary>
    /// <returns>Null where it can't be read; the reason is among the errors.</returns>
    public RecipeNode.Mapping? ReadFile(string path, string source, int line)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return Fail(source, line, line > 0 ? "include" : "", "expected a path of a recipe");
        var full = Path.GetFullPath(path);
        if (including.Contains(full))
            return Fail(source, line, "include",
                $"'{path}' includes itself, by way of {string.Join(" and ", including.Select(Path.GetFileName))}");
        if (Directory.Exists(path)) return Fail(source, line, "", $"'{path}' is a folder, not a recipe");
        if (!File.Exists(path)) return Fail(source, line, "", $"there is no recipe '{path}'");
        // Files that include the next one twice double at every step, without a cycle.
        if (++files > MostFiles)
            return files == MostFiles + 1 ? Fail(source, line, "include", $"a recipe is made of at most {MostFiles} files") : null;
        including.Add(full);
        try
        {
            var bytes = new byte[LargestFile + 1];
            using var stream = File.OpenRead(path);
            // A pipe or a device has no length to ask for.
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestFile) return Fail(source, line, "", $"'{path}' is larger than any recipe ({LargestFile >> 20} MiB)");
            using var reader = new StreamReader(new MemoryStream(bytes, 0, length), new UTF8Encoding(false, throwOnInvalidBytes: true));
            var text = reader.ReadToEnd();
            // Said here, because the parser's message for a binary file is about block mappings.
            var control = text.AsSpan().IndexOfAnyInRange('\0', '\b');
            if (control >= 0)
                return Fail(path, 1 + text.AsSpan(0, control).Count('\n'), "",
                    $"this is no text: it holds the control character U+{(int)text[control]:X4}");
            return Parse(text, path) switch
            {
                null => null,
                RecipeNode.Scalar { IsNull: true } => new RecipeNode.Mapping(path, 1, new Dictionary<string, RecipeNode>()),
                RecipeNode.Mapping mapping => Include(mapping, path),
                var other => Fail(path, other.Line, "", $"a recipe is a mapping of keys to values, not {other.Describe()}"),
            };
        }
        catch (DecoderFallbackException)
        {
            return Fail(path, 0, "", "this is no text in UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(source, line, "", $"'{path}' can't be read: {e.Message}");
        }
        finally
        {
            including.Remove(full);
        }
    }

    /// <summary>Reads YAML text; null where it is malformed.</summary>
    public RecipeNode? Parse(string text, string source, int? fixedLine = null)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _)) return new RecipeNode.Scalar(source, fixedLine ?? 1, "", true);
            parser.Consume<DocumentStart>();
            var node = Node(parser, source, fixedLine, "", 0);
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _))
                errors.Add(new RecipeError(source, fixedLine ?? 0, "", "a recipe is one YAML document"));
            return node;
        }
        catch (YamlException e)
        {
            return Fail(source, fixedLine ?? (int)e.End.Line, "", $"this is no YAML: {e.InnerException?.Message ?? e.Message}");
        }
        catch (InvalidOperationException)
        {
            // So the parser says that the text ends too early or goes on after its end.
            return Fail(source, fixedLine ?? (int)(parser.Current?.End.Line ?? 1), "",
                "this is no YAML: near here a [, { or quote isn't closed, or something follows the end of the document");
        }
    }

    /// <summary>Reads an edit's value; null where it is malformed.</summary>
    /// <remarks>Only what begins as a list, a mapping or a quoted text is parsed: in the rest, "#" begins no comment and ": " no
    /// mapping.</remarks>
    public RecipeNode? Edit(RecipeEdit edit)
    {
        var value = edit.Value.Trim();
        return value is ['[' or '{' or '"' or '\'', ..] ? Parse(value, edit.Origin, 0) : new RecipeNode.Scalar(edit.Origin, 0, value, true);
    }

    /// <summary>Merges what a mapping, or one within it, includes.</summary>
    private RecipeNode.Mapping Include(RecipeNode.Mapping mapping, string path)
    {
        mapping = mapping with
        {
            Values = mapping.Values.ToDictionary(pair => pair.Key, pair => pair.Key == "include" ? pair.Value : Within(pair.Value, path)),
        };
        if (!mapping.Values.TryGetValue("include", out var named)) return mapping;
        var merged = new RecipeNode.Mapping(path, 1, new Dictionary<string, RecipeNode>());
        foreach (var item in named is RecipeNode.Sequence list ? list.Items : [named])
        {
            if (item is not RecipeNode.Scalar { IsNull: false } file)
                Fail(item.Source, item.Line, "include", $"expected a path or a list of paths, not {item.Describe()}");
            else if (ReadFile(Path.Combine(Path.GetDirectoryName(path) ?? "", file.Text), item.Source, item.Line) is { } included)
                merged = merged.Merge(included);
        }
        return merged.Merge(new RecipeNode.Mapping(mapping.Source, mapping.Line,
            mapping.Values.Where(pair => pair.Key != "include").ToDictionary()));
    }

    private RecipeNode Within(RecipeNode node, string path) => node switch
    {
        RecipeNode.Mapping inner => Include(inner, path),
        RecipeNode.Sequence list => list with { Items = [.. list.Items.Select(item => Within(item, path))] },
        _ => node,
    };

    private RecipeNode Node(Parser parser, string source, int? fixedLine, string path, int depth)
    {
        var line = fixedLine ?? (int)parser.Current!.Start.Line;
        if (depth > DeepestNesting)
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested deeper than {DeepestNesting} levels");
        if (parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw new YamlException(parser.Current!.Start, parser.Current.End,
                "anchors and aliases are not used in recipes; write the value out, or include a file");
        if (parser.TryConsume<Scalar>(out var scalar))
            return new RecipeNode.Scalar(source, line, scalar.Value, scalar.Style == ScalarStyle.Plain);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<RecipeNode>();
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(parser, source, fixedLine, path, depth + 1));
            return new RecipeNode.Sequence(source, line, items);
        }
        parser.Consume<MappingStart>();
        var values = new Dictionary<string, RecipeNode>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var keyLine = fixedLine ?? (int)parser.Current!.Start.Line;
            if (!parser.TryConsume<Scalar>(out var key))
                throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a single word");
            var here = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            var value = Node(parser, source, fixedLine, here, depth + 1) with { Line = keyLine };
            if (!values.TryAdd(key.Value, value)) errors.Add(new RecipeError(source, keyLine, here, "this key stands twice"));
        }
        return new RecipeNode.Mapping(source, line, values);
    }

    private RecipeNode.Mapping? Fail(string source, int line, string path, string message)
    {
        Incomplete = true;
        errors.Add(new RecipeError(source, line, path, message));
        return null;
    }
}
