using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

public class ClassOrderTests
{
    [Fact]
    public void A_permuted_order_is_mapped_by_name()
    {
        using var scope = NewDisposeScope();
        var teacher = ClassOrder.Match(new Named("cat", "dog", "emu"), ["emu", "cat", "dog"]);
        Assert.Equal(["emu", "cat", "dog"], teacher.ClassNames);
        using var batch = Rows.Batch(0);
        var signals = teacher.Observe(batch, Needs.Logits | Needs.Embedding);
        Assert.Equal([2, 0, 1], signals.Logits.data<float>().ToArray());
        Assert.Equal([7], signals.Embedding.data<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => signals.FeatureMaps);
        Assert.Equal([7], teacher.Observe(batch, Needs.Embedding).Embedding.data<float>().ToArray());
        Assert.Equal((Needs.Logits, 1), (teacher.Provides, teacher.EmbeddingSize));
    }

    [Fact]
    public void The_same_order_needs_nothing()
    {
        var teacher = new Named("cat", "dog");
        Assert.Same(teacher, ClassOrder.Match(teacher, ["cat", "dog"]));
    }

    [Theory]
    [InlineData("cat dog", "cat emu", "doesn't know the class 'emu'")]
    [InlineData("cat dog emu", "cat emu", "knows the class 'dog', which the student isn't taught")]
    [InlineData("cat emu", "cat dog emu", "doesn't know the class 'dog'")]
    [InlineData("cat cat", "cat dog", "two classes are called 'cat'")]
    [InlineData("cat dog", "dog dog", "two classes are called 'dog'")]
    [InlineData("Cat dog", "cat dog", "doesn't know the class 'cat'")]
    [InlineData("", "cat dog", "doesn't say which classes its logits stand for")]
    public void Other_classes_are_refused(string teacher, string student, string expected)
    {
        var names = teacher.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(expected, Assert.Throws<InputException>(() => ClassOrder.Match(new Named(names), student.Split(' '))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Its logit of class i is i.</summary>
    private sealed class Named(params string[] names) : ITeacher
    {
        public Needs Provides => Needs.Logits;

        public int EmbeddingSize => 1;

        public IReadOnlyList<string> ClassNames => names;

        public string Fingerprint => "made up";

        public void Dispose() { }

        public Signals Observe(Batch batch, Needs needs) => new(
            needs.HasFlag(Needs.Embedding) ? Numbers.Full([1, 1], 7, ScalarType.Float32, CPU) : null,
            needs.HasFlag(Needs.Logits) ? Numbers.Range(0, names.Length).to(ScalarType.Float32).unsqueeze(0) : null);
    }
}
