using Refilled.Data;
using Refilled.Experiments;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Experiments;

/// <summary>A teacher that can teach nothing is found before anything trains.</summary>
public class TeacherAnswersTests
{
    private static readonly ImageSet Train = DataCatalog.Load("generated:0,classes=3,train=8,test=1").Train;
    private static readonly Method Refilled = Methods.Refilled(new LossOptions());

    [Fact]
    public void Embeddings_that_are_all_alike_are_refused()
    {
        using var scope = NewDisposeScope();
        var rows = Rows();
        TeacherAnswers.Check(new StoredTeacher(rows), Refilled, "x", Train);
        var message = Assert.Throws<InputException>(() => TeacherAnswers.Check(new StoredTeacher(ones_like(rows)), Refilled, "x", Train))
            .Message;
        Assert.StartsWith("The teacher 'x' gives 16 different training images the same embedding", message, StringComparison.Ordinal);
        // Where the images don't differ, nothing else can be expected.
        TeacherAnswers.Check(new StoredTeacher(ones_like(rows)), Refilled, "x", Train.At([0, 0, 0]));
        // Nobody reads it.
        TeacherAnswers.Check(new StoredTeacher(ones_like(rows)), Methods.Student(new LossOptions()), "x", Train);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Embeddings_that_are_not_finite_are_refused(double number)
    {
        using var scope = NewDisposeScope();
        var rows = Rows();
        rows[(int)Train.SampleIds[0], 1] = (float)number;
        var message = Assert.Throws<InputException>(() => TeacherAnswers.Check(new StoredTeacher(rows), Refilled, "x", Train)).Message;
        Assert.StartsWith("The teacher 'x' answers training images with numbers (embedding) that are NaN or infinite", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Embeddings_that_fp16_can_not_keep_are_refused_where_they_would_be_kept_so()
    {
        using var scope = NewDisposeScope();
        var rows = Rows();
        TeacherAnswers.Check(new StoredTeacher(rows), Refilled, "x", Train, CachePrecision.Fp16);
        rows[(int)Train.SampleIds[0], 1] = 1e5f;
        TeacherAnswers.Check(new StoredTeacher(rows), Refilled, "x", Train);
        Assert.Equal("An embedding of the teacher 'x' holds 100000, and fp16 ends at 65504: keep its answers in fp32 "
            + "(teacher-cache-precision).", Assert.Throws<InputException>(() =>
                TeacherAnswers.Check(new StoredTeacher(rows), Refilled, "x", Train, CachePrecision.Fp16)).Message);
    }

    private static Tensor Rows() => rand([(int)Train.SampleIds.Max() + 1, 4], generator: new Generator(1));
}
