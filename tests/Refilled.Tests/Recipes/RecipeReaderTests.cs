using CsCheck;
using Refilled.Recipes;
using Refilled.Tests.Support;

namespace Refilled.Tests.Recipes;

public sealed class RecipeReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public enum Shade { Light, VeryDark }

    public sealed record Part : IValidated
    {
        public int Count { get; init; } = 3;

        public double Rate { get; init; } = 0.5;

        public Shade Shade { get; init; }

        public IEnumerable<(string Path, string Message)> Validate()
        {
            if (Count < 0) yield return ("count", "must not be negative");
        }
    }

    public sealed record Whole
    {
        public required string Name { get; init; }

        public bool Flag { get; init; }

        public int? Limit { get; init; }

        public string? Note { get; init; }

        public IReadOnlyList<double> Steps { get; init; } = [0.1, 0.2];

        public Part First { get; init; } = new() { Count = 7 };

        public Part SecondPart { get; init; } = new();

        public Part? Extra { get; init; }

        public Checked Checked { get; init; } = new();
    }

    public sealed record Checked : IValidated
    {
        public int Least { get; init; } = 1;

        public int Most { get; init; } = 9;

        public Part Inner { get; init; } = new();

        public IEnumerable<(string Path, string Message)> Validate()
        {
            if (Most < Least) yield return ("most", $"must be at least {Least}");
            if (Least < 0) yield return ("nothing.least", "must not be negative");
        }
    }

    private static Whole Read(string? file, params string[] edits) => RecipeReader.Read<Whole>(file, edits.Select(RecipeEdit.Parse));

    private IReadOnlyList<string> Errors(string text, params string[] edits)
    {
        var file = folder.Write("r.yaml", text);
        return [.. Assert.Throws<RecipeException>(() => Read(file, edits)).Errors
            .Select(e => e.ToString().Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
    }

    [Fact]
    public void Values_are_read_and_defaults_of_the_enclosing_record_stay()
    {
        var read = Read(folder.Write("r.yaml",
            "name: x # comment\nflag: true\nlimit: 5\nsteps: [5e-4, 1]\nfirst:\n  rate: 1e-4\n  shade: very-dark\n"));
        Assert.Equal(("x", true, 5, null), (read.Name, read.Flag, read.Limit, read.Note));
        Assert.Equal([5e-4, 1], read.Steps);
        Assert.Equal(new Part { Count = 7, Rate = 1e-4, Shade = Shade.VeryDark }, read.First);
        Assert.Equal(new Part(), read.SecondPart);
    }

    [Fact]
    public void Edits_come_last_and_make_what_they_need()
    {
        var read = Read(folder.Write("r.yaml", "name: x\nlimit: 5\n"), "name=y", "limit=null",
            "second-part.count=9", "steps=[3]", "name=z");
        Assert.Equal(("z", null, 9), (read.Name, read.Limit, read.SecondPart.Count));
        Assert.Equal([3.0], read.Steps);
        Assert.Equal("only", Read(null, "name=only").Name);
    }

    [Fact]
    public void Every_error_is_reported_with_its_place()
    {
        Assert.Equal(
        [
            "r.yaml:1: flag: expected true or false, not 'yes'",
            "r.yaml:2: limt: unknown key. Did you mean 'limit'? Known here: name, flag, limit, note, steps, first, "
                + "second-part, extra, checked",
            "r.yaml:4: first.count: expected a whole number, not '1.5'",
            "r.yaml:5: first.shade: expected one of light, very-dark, not 'very_dark'. Did you mean 'very-dark'?",
            "r.yaml:6: steps: expected a list, not '3'",
            "r.yaml:1: the key 'name' is missing",
            "--set second-part.rate=fast: second-part.rate: expected a number, not 'fast'",
        ], Errors("flag: yes\nlimt: 3\nfirst:\n  count: 1.5\n  shade: very_dark\nsteps: 3\n", "second-part.rate=fast").OrderBy(e =>
            e.StartsWith("--", StringComparison.Ordinal)).ThenBy(e => e.Contains("missing", StringComparison.Ordinal)));
    }

    [Fact]
    public void Impossible_values_are_placed_where_they_stand()
    {
        Assert.Equal(["r.yaml:3: first.count: must not be negative"], Errors("name: x\nfirst:\n  count: -1\n"));
        Assert.Equal(["--set first.count=-2: first.count: must not be negative"],
            Errors("name: x\nfirst:\n  count: 1\n", "first.count=-2"));
    }

    [Theory]
    [InlineData("name: x\nname: y\n", "r.yaml:2: name: this key stands twice")]
    [InlineData("- a\n- b\n", "r.yaml:1: a recipe is a mapping of keys to values, not a list")]
    [InlineData("name: x\n\tflag: true\n", "r.yaml:2: this is no YAML")]
    [InlineData("name: &a x\nnote: *a\n", "r.yaml:1: this is no YAML: anchors and aliases are not used")]
    [InlineData("name: [a, b\nlimit: [0]\n", "r.yaml:1: this is no YAML: near here a [, { or quote isn't closed")]
    [InlineData("...\nname: x\n", "r.yaml:1: this is no YAML: near here")]
    [InlineData("name: null\n", "r.yaml:1: name: expected a text, not nothing")]
    [InlineData("name: \"5\"\nlimit: \"5\"\n", "r.yaml:2: limit: expected a whole number, not '5'")]
    [InlineData("name: x\nfirst: 3\n", "r.yaml:2: first: expected a mapping of keys to values, not '3'")]
    [InlineData("include: nowhere.yaml\n", "r.yaml:1: there is no recipe 'nowhere.yaml'")]
    [InlineData("include: r.yaml\n", "r.yaml:1: include: 'r.yaml' includes itself")]
    public void Malformed_files_are_refused(string text, string expected) =>
        Assert.Contains(Errors(text), error => error.StartsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void Impossible_values_are_reported_together_with_those_of_the_enclosing_part() => Assert.Equal(
        ["r.yaml:3: checked.most: must be at least 1", "r.yaml:5: checked.inner.count: must not be negative"],
        Errors("name: x\nchecked:\n  most: 0\n  inner:\n    count: -1\n"));

    [Fact]
    public void A_place_is_looked_for_only_along_its_own_path() =>
        Assert.Equal(["r.yaml:2: checked.nothing.least: must not be negative"], Errors("name: x\nchecked:\n  least: -1\n"));

    [Fact]
    public void An_edit_is_not_blamed_for_its_neighbours() => Assert.Equal(
        ["r.yaml:2: checked.most: must be at least 10"], Errors("name: x\nchecked:\n  least: 10\n", "checked.inner.count=4"));

    [Fact]
    public void An_unknown_key_stands_where_its_name_does() => Assert.StartsWith(
        "r.yaml:2: frist: unknown key. Did you mean 'first'?", Assert.Single(Errors("name: x\nfrist:\n  count: 1\n")),
            StringComparison.Ordinal);

    [Fact]
    public void A_file_that_cannot_be_read_hides_only_what_it_may_have_held()
    {
        Assert.Equal(["r.yaml:1: there is no recipe 'gone.yaml'", "r.yaml:3: first.count: must not be negative"],
            Errors("include: gone.yaml\nfirst:\n  count: -1\n"));
        Assert.Equal(["r.yaml:1: there is no recipe 'gone.yaml'"], Errors("include: gone.yaml\nname: x\nchecked:\n  least: 10\n"));
        Assert.Equal(["r.yaml:1: the key 'name' is missing", "r.yaml:2: limit: this key stands twice"], Errors("limit: 1\nlimit: 2\n"));
    }

    [Theory]
    [InlineData("name=folder:/data #2", "folder:/data #2")]
    [InlineData("name=a: b", "a: b")]
    [InlineData("name=*x", "*x")]
    [InlineData("name='a # b'", "a # b")]
    [InlineData("name=\"\\u0041\"", "A")]
    public void An_unquoted_edit_is_one_value(string edit, string expected) => Assert.Equal(expected, Read(null, edit).Name);

    [Theory]
    [InlineData("=x")]
    [InlineData("  =x")]
    [InlineData("name")]
    public void An_edit_without_a_path_is_refused(string edit) =>
        Assert.Contains("path=value", Assert.Throws<InputException>(() => RecipeEdit.Parse(edit)).Message, StringComparison.Ordinal);

    [Fact]
    public void Numbers_that_are_too_large_are_told_the_range() => Assert.Equal(
        ["r.yaml:2: limit: expected a whole number from -2147483648 to 2147483647, not '3000000000'"],
            Errors("name: x\nlimit: 3000000000\n"));

    [Fact]
    public void Binary_files_are_refused_as_such()
    {
        Assert.Equal(["r.yaml:2: this is no text: it holds the control character U+0000"], Errors("name: x\n\0limit: 5\n"));
        File.WriteAllBytes(folder["b.yaml"], [0x6e, 0x3a, 0x20, 0xff, 0xfe, 0x80]);
        Assert.Contains("b.yaml: this is no text in UTF-8", Assert.Throws<RecipeException>(() => Read(folder["b.yaml"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_that_double_at_every_step_are_refused()
    {
        for (var i = 0; i < 30; i++) folder.Write($"d{i}.yaml", $"include: [d{i + 1}.yaml, d{i + 1}.yaml]\n");
        folder.Write("d30.yaml", "name: x\n");
        Assert.EndsWith("include: a recipe is made of at most 64 files", Assert.Single(Errors("include: d0.yaml\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_include_that_is_no_path_is_refused() => Assert.Contains(
        "recipe.yaml:1: include: expected a path",
            Assert.Throws<RecipeException>(() => Read(folder.Write("recipe.yaml", "include: \"a\\0b\"\n"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Includes_are_relative_and_later_keys_win()
    {
        folder.Write("parts/deep.yaml", "name: deep\nfirst:\n  count: 1\n  rate: 0.25\n");
        folder.Write("parts/base.yaml", "include: deep.yaml\nlimit: 2\nfirst:\n  count: 2\n");
        folder.Write("other.yaml", "note: other\nlimit: 3\n");
        var read = Read(folder.Write("r.yaml", "include: [parts/base.yaml, other.yaml]\nfirst:\n  shade: very-dark\n"));
        Assert.Equal(("deep", 3, "other"), (read.Name, read.Limit, read.Note));
        Assert.Equal(new Part { Count = 2, Rate = 0.25, Shade = Shade.VeryDark }, read.First);
        Assert.Contains("base.yaml:3: limit", string.Join('\n', ErrorsOfIncluded("include: deep.yaml\nname: x\nlimit: many\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_none_are_refused()
    {
        Assert.Contains("there is no recipe", Assert.Throws<RecipeException>(() => Read(folder["nowhere.yaml"])).Message,
            StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<RecipeException>(() => Read(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("larger than any recipe", Assert.Throws<RecipeException>(
            () => Read(folder.Write("big.yaml", new string('#', 1 << 21)))).Message, StringComparison.Ordinal);
        Assert.Contains("is missing", Assert.Throws<RecipeException>(() => Read(folder.Write("empty.yaml", ""))).Message,
            StringComparison.Ordinal);
        Assert.Contains("path=value", Assert.Throws<InputException>(() => RecipeEdit.Parse("name")).Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper", string.Join('\n', Errors("note: " + new string('[', 200) + "\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var file = folder["w.yaml"];
        string?[] odd = [null, "", "null", "true", "1e3", "a: b", "# no", "\"", "'", "two\nlines", "\t", "ü", "- x", "\\u0041",
            "a \U0001F600 b", "\u0085\u2028"];
        var number = Gen.Double[-1e9, 1e9];
        Gen.Select(Gen.String[Gen.Char['\u0001', '\u024f'], 0, 20], Gen.Bool, Gen.Int.Nullable(),
            Gen.Int[0, odd.Length - 1].Select(i => odd[i]), number.Array[0, 4], number)
            .Sample((name, flag, limit, note, steps, rate) =>
            {
                var value = new Whole { Name = name, Flag = flag, Limit = limit, Note = note, Steps = steps,
                    SecondPart = new Part { Rate = rate, Shade = Shade.VeryDark } };
                File.WriteAllText(file, RecipeWriter.Write(value));
                var read = Read(file);
                Assert.Equal(value with { Steps = read.Steps }, read);
                Assert.Equal(value.Steps, read.Steps);
                Assert.Equal(RecipeWriter.Hash(value), RecipeWriter.Hash(read));
            }, iter: 200, threads: 1);
    }

    [Fact]
    public void Differences_name_both_values()
    {
        var value = new Whole { Name = "x" };
        Assert.Empty(RecipeWriter.Differences(value, value with { }));
        Assert.Equal(["limit was null, is 4", "first.count was 7, is 8"],
            RecipeWriter.Differences(value, value with { Limit = 4, First = value.First with { Count = 8 } }));
        Assert.Contains("extra.count was null, is 3", RecipeWriter.Differences(value, value with { Extra = new Part() }));
        Assert.Contains("extra.count was 3, is null", RecipeWriter.Differences(value with { Extra = new Part() }, value));
    }

    [Shorthand(nameof(Names))]
    public sealed record Folded
    {
        [AlsoWithin("names", "list")]
        public string? Names { get; init; }

        [AlsoWithin("names", "count")]
        public int Most { get; init; } = 5;

        [AlsoWithin("size", "width")]
        public int Width { get; init; } = 1;

        [AlsoWithin("size", "height")]
        public int Height { get; init; } = 2;
    }

    public sealed record Around
    {
        public Folded? Folded { get; init; }
    }

    [Theory]
    [InlineData("folded: { names: a, most: 3, width: 7 }", "a", 3, 7, 2)]
    [InlineData("folded: { names: { list: a, count: 3 }, size: { width: 7 } }", "a", 3, 7, 2)]
    [InlineData("folded: { names: { list: a }, height: 4, size: { width: 7 } }", "a", 5, 7, 4)]
    [InlineData("folded: { size: {} }", null, 5, 1, 2)]
    [InlineData("folded: a", "a", 5, 1, 2)]
    [InlineData("folded: { most: 3 }", null, 9, 1, 2, "folded.names={list: null, count: 9}")]
    [InlineData("folded: { names: { list: a, count: 3 } }", "a", 9, 1, 2, "folded.most=9")]
    [InlineData("folded: a", "a", 9, 1, 2, "folded.most=9")]
    [InlineData("folded: a", "b", 9, 1, 2, "folded={names: b, most: 9}")]
    [InlineData("folded: a", null, 9, 1, 2, "folded={names: null, most: 9}")]
    [InlineData("folded: { most: 9 }", "a", 5, 1, 2, "folded=a")]
    public void A_value_may_be_written_within_a_part(string text, string? names, int most, int width, int height, string? edit = null)
    {
        var read = RecipeReader.Read<Around>(folder.Write("r.yaml", text), edit is null ? [] : [RecipeEdit.Parse(edit)]);
        Assert.Equal(new Folded { Names = names, Most = most, Width = width, Height = height }, read.Folded);
        var written = RecipeWriter.Write(read);
        Assert.DoesNotContain("size", written, StringComparison.Ordinal);
        Assert.Equal(read, RecipeReader.Read<Around>(folder.Write("w.yaml", written), []));
    }

    [Theory]
    [InlineData("width: 3\n  size: { width: 3 }", "r.yaml:3: folded.size.width: stands beside folded.width, which is the same")]
    [InlineData("size: 3", "r.yaml:2: folded.size: expected a mapping of keys to values, not '3'")]
    [InlineData("size: { depth: 3 }", "r.yaml:2: folded.size.depth: unknown key. Known here: width, height")]
    [InlineData("names: { count: 3 }", "r.yaml:2: folded.names: the key 'list' is missing")]
    [InlineData("names: [a]", "r.yaml:2: folded.names: expected a text, not a list")]
    [InlineData("sise: {}", "r.yaml:2: folded.sise: unknown key. Did you mean 'size'? Known here: names, most, width, height, size")]
    public void A_part_that_is_wrong_is_told_with_its_place(string text, string expected)
    {
        var error = Assert.Throws<RecipeException>(() => RecipeReader.Read<Around>(folder.Write("r.yaml", $"folded:\n  {text}\n"), []));
        Assert.StartsWith(expected, error.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    private IReadOnlyList<string> ErrorsOfIncluded(string text)
    {
        folder.Write("parts/base.yaml", text);
        return Errors("include: parts/base.yaml\n");
    }
}
