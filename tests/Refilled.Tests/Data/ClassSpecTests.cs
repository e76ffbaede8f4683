using CsCheck;
using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

public class ClassSpecTests
{
    private static readonly ClassGroups Groups = new(["a", "b", "c", "d"], [0, 1, 2, 3, 0, 1, 2, 3, 0, 3]);
    private static readonly Dataset Data = MadeUpImages.Dataset(groups: Groups);

    [Theory]
    [InlineData("all", new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    [InlineData("2-4", new[] { 2, 3, 4 })]
    [InlineData("7,0,2-3", new[] { 7, 0, 2, 3 })]
    [InlineData("hard:teacher", new[] { 0, 1, 4, 5, 8 })]
    [InlineData("hard:student", new[] { 2, 3, 6, 7, 9 })]
    [InlineData("group:a", new[] { 0, 4, 8 })]
    [InlineData("group:d", new[] { 3, 7, 9 })]
    public void Classes_are_chosen(string text, int[] expected) => Assert.Equal(expected, ClassSpec.Parse(text).Resolve(Data));

    [Fact]
    public void Halves_depend_on_the_seed_alone()
    {
        var student = ClassSpec.Parse("easy:student@3").Resolve(Data);
        Assert.Equal(student, ClassSpec.Parse("easy:student@3").Resolve(Data));
        Assert.NotEqual(student, ClassSpec.Parse("easy:student@4").Resolve(Data));
        Assert.Equal(ClassSpec.Parse("easy:student").Resolve(Data), ClassSpec.Parse("easy:student@0").Resolve(Data));
        Assert.Equal(Enumerable.Range(0, 10), student.Concat(ClassSpec.Parse("easy:teacher@3").Resolve(Data)).Order());
        Assert.Equal(2, ClassSpec.Parse("overlap-2:student@3").Resolve(Data)
            .Intersect(ClassSpec.Parse("overlap-2:teacher@3").Resolve(Data)).Count());
    }

    // Seeds are part of every published split: a change of these numbers changes the meaning of all results.
    [Fact]
    public void The_split_of_seed_0_is_what_it_was() =>
        Assert.Equal("5,8,14,15,17,18,19,21,22,23", string.Join(',', ClassSplit.Easy(100, 0).Teacher.Take(10)));

    [Fact]
    public void Random_halves_cover_all_and_share_what_is_asked() =>
        Gen.Select(Gen.Int[2, 200], Gen.Int[0, 1000], Gen.Int[0, 100]).Sample((classes, seed, shared) =>
        {
            shared = Math.Min(shared, classes / 2);
            var split = ClassSplit.Overlapping(classes, shared, seed);
            Assert.Equal(shared, split.Teacher.Intersect(split.Student).Count());
            Assert.Equal(classes / 2, split.Teacher.Count);
            Assert.Equal(classes - classes / 2, split.Student.Count);
            Assert.Equal(split.Student, split.Student.Distinct().Order());
            if (shared == 0) Assert.Equal(classes, split.Teacher.Union(split.Student).Count());
        }, iter: 300);

    [Fact]
    public void No_group_straddles_the_hard_halves() =>
        Gen.Select(Gen.Int[2, 20], Gen.Int[0, 60], Gen.Int).Sample((count, extra, seed) =>
        {
            // Every group has a class; the others fall where they may.
            var groupOf = Enumerable.Range(0, count)
                .Concat(Enumerable.Range(0, extra).Select(i => (int)(SeedMix.Bits(seed, SeedStream.Split, i) % (ulong)count))).ToArray();
            var split = ClassSplit.Hard(new ClassGroups([.. groupOf.Distinct().Select(g => $"group{g}")], groupOf));
            Assert.Equal(Enumerable.Range(0, groupOf.Length), split.Teacher.Concat(split.Student).Order());
            var cut = split.Teacher.Max(c => groupOf[c]) + 1;
            Assert.Equal(Enumerable.Range(0, cut), split.Teacher.Select(c => groupOf[c]).Distinct().Order());
            Assert.Equal(Enumerable.Range(cut, count - cut), split.Student.Select(c => groupOf[c]).Distinct().Order());
            // No other cut between groups makes the sides more nearly equal.
            int Difference(int at) => Math.Abs(groupOf.Count(g => g < at) - groupOf.Count(g => g >= at));
            Assert.Equal(Enumerable.Range(1, count - 1).Min(Difference), Difference(cut));
        }, iter: 100);

    [Theory]
    [InlineData("4-2", "runs backwards; write 2-4")]
    [InlineData("esay:student", "Did you mean 'easy:student'?")]
    [InlineData("hard:student@1", "has no seed")]
    [InlineData("0-99999999999", "too large")]
    [InlineData("nowhere.txt", "'nowhere.txt' names no classes and is no file")]
    [InlineData("overlap-5:techer", "Did you mean 'overlap-<n>:teacher'?")]
    [InlineData("easy:student@-1", "names no classes")]
    [InlineData("easy:student@99999999999", "too large")]
    [InlineData("0-2000000000", "absurdly long")]
    [InlineData("0,,3", "names no classes")]
    [InlineData("0-49\n", "names no classes")]
    [InlineData("", "names no classes")]
    [InlineData("group:", "names no classes")]
    public void Wrong_words_are_refused_before_the_data_is_read(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => ClassSpec.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("8-10", "names the class 10, but made-up has classes 0 to 9")]
    [InlineData("1,2,1", "names the class 1 ('class1') twice")]
    [InlineData("3", "at least two")]
    [InlineData("overlap-6:student", "can share at most 5")]
    [InlineData("group:e", "made-up has no group 'e'")]
    [InlineData("group:ab", "Did you mean 'a'? Its groups: a, b, c, d.")]
    public void Wrong_classes_are_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => ClassSpec.Parse(text).Resolve(Data)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Data_without_groups_has_no_hard_halves_and_no_group() =>
        Assert.All(new[] { "hard:student", "group:a" }, text =>
            Assert.Contains("no groups", Assert.Throws<InputException>(() => ClassSpec.Parse(text).Resolve(MadeUpImages.Dataset())).Message,
                StringComparison.Ordinal));

    [Fact]
    public void A_file_of_names_is_read_and_its_mistakes_are_placed()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([7, 2], ClassSpec.Parse(folder.Write("a.txt", "# mine\nclass7\n\n class2 # too\n")).Resolve(Data));
        var wrong = ClassSpec.Parse(folder.Write("b.txt", "class7\nclas2\n"));
        Assert.Contains("b.txt:2: made-up has no class 'clas2'. Did you mean 'class2'?",
            Assert.Throws<InputException>(() => wrong.Resolve(Data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_known_by_the_names_it_lists_wherever_it_lies()
    {
        using var folder = new TemporaryFolder();
        ClassSpec one = ClassSpec.Parse(folder.Write("a.txt", "# mine\nclass7\n\nclass2 # too\n")),
            same = ClassSpec.Parse(folder.Write("b/c.txt", "class7\nclass2\n"));
        var other = ClassSpec.Parse(folder.Write("d.txt", "class2\nclass7\n"));
        Assert.Equal(("a.txt", "c.txt", "0-3"), (one.Label, same.Label, ClassSpec.Parse("0-3").Label));
        Assert.Equal(one.Identity, same.Identity);
        Assert.Equal(3, new[] { one, other, ClassSpec.Parse("0-3") }.Select(spec => spec.Identity).Distinct().Count());
        Assert.Equal("0-3", ClassSpec.Parse("0-3").Identity);
    }

    [Fact]
    public void Numbers_that_are_names_in_another_order_are_asked_for()
    {
        var data = Named("0", "1", "10", "11", "2", "3");
        var message = Assert.Throws<InputException>(() => ClassSpec.Parse("0-3").Resolve(data)).Message;
        Assert.Contains("Write name:0-3 for those that are called so ('0', '1', '2', '3'), or number:0-3 for those that stand there "
            + "('0', '1', '10', '11')", message, StringComparison.Ordinal);
        Assert.Equal([0, 1, 4, 5], ClassSpec.Parse("name:0-3").Resolve(data));
        Assert.Equal([0, 1, 2, 3], ClassSpec.Parse("number:0-3").Resolve(data));
        // Where both say the same, or only one can be meant, nobody is asked.
        Assert.Equal([0, 1], ClassSpec.Parse("0-1").Resolve(data));
        Assert.Equal([2, 3], ClassSpec.Parse("10,11").Resolve(data));
        Assert.Equal([0, 1, 2], ClassSpec.Parse("0-2").Resolve(Named("1", "10", "2")));
        Assert.Equal([1, 2], ClassSpec.Parse("1-2").Resolve(Named("cat", "dog", "emu")));
    }

    [Fact]
    public void Classes_are_chosen_by_their_names()
    {
        var data = Named("caf\u00e9", "dog", "007");
        Assert.Equal([1, 0], ClassSpec.Parse("name:dog, cafe\u0301").Resolve(data));
        Assert.Equal([2, 1], ClassSpec.Parse("name:7,dog").Resolve(data));
        foreach (var (text, message) in new[] { ("name:dogs,007", "no class 'dogs'. Did you mean 'dog'?"),
            ("name:6-7", "no class that is called 6") })
            Assert.Contains(message, Assert.Throws<InputException>(() => ClassSpec.Parse(text).Resolve(data)).Message,
                StringComparison.Ordinal);
    }

    private static Dataset Named(params string[] names)
    {
        var set = MadeUpImages.Set(names.Length, names.Length);
        var named = new ImageSet(set.Store, set.SampleIds, set.Labels, names);
        return new Dataset("birds", named, named, null, "hash", []);
    }

    [Fact]
    public void Names_that_two_classes_bear_are_refused()
    {
        using var folder = new TemporaryFolder();
        var set = MadeUpImages.Set(6, 3);
        var twins = new ImageSet(set.Store, set.SampleIds, set.Labels, ["crane", "heron", "crane"]);
        var data = new Dataset("birds", twins, twins, null, "hash", []);
        Assert.Contains("a.txt:1: birds has 2 classes 'crane'; choose by number (0, 2)",
            Assert.Throws<InputException>(() => ClassSpec.Parse(folder.Write("a.txt", "crane\nheron")).Resolve(data)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_went_away_or_names_nothing_is_refused()
    {
        using var folder = new TemporaryFolder();
        var gone = ClassSpec.Parse(folder.Write("a.txt", "class1\nclass2"));
        File.Delete(gone.Text);
        Assert.Contains("can't be read", Assert.Throws<InputException>(() => gone.Resolve(Data)).Message, StringComparison.Ordinal);
        Assert.Contains("names 0 classes", Assert.Throws<InputException>(() => ClassSpec.Parse(folder.Write("b.txt", "# none\n"))
            .Resolve(Data)).Message, StringComparison.Ordinal);
        Assert.Contains("('class1') twice", Assert.Throws<InputException>(() => ClassSpec.Parse(folder.Write("c.txt", "class1\nclass1\n"))
            .Resolve(Data)).Message, StringComparison.Ordinal);
    }
}
