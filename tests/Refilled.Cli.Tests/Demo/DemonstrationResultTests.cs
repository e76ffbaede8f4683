using Refilled.Cli.Demo;

namespace Refilled.Cli.Tests.Demo;

public class DemonstrationResultTests
{
    [Theory]
    [InlineData(60, 50, 70, 65, "Best is lkd: with the help of a teacher that never saw these letters the student learns 70.0 %, "
        + "20.0 points more than alone and 10.0 more than the teacher's own class means, which are 2.0 times its size.")]
    [InlineData(60, 50, 65, 70, "Best is refilled: with the help of a teacher that never saw these letters the student learns 70.0 %, "
        + "20.0 points more than alone and 10.0 more than the teacher's own class means, which are 2.0 times its size.")]
    [InlineData(80, 50, 65, 70, "Best are the teacher's own class means (80.0 %), at 2.0 times the student's size; "
        + "the student reaches 70.0 % with refilled, 50.0 % alone.")]
    [InlineData(60, 75, 65, 70, "Here the teacher of other letters didn't help: the student alone is best, with 75.0 %.")]
    public void The_sentence_is_about_the_best_row(double means, double alone, double lkd, double refilled, string sentence)
    {
        var result = new DemonstrationResult
        {
            Rows = [Row("ncm", means, 200), Row("student-long", alone, 100), Row("lkd", lkd, 100), Row("refilled", refilled, 100)],
            TeacherTop1 = 90, TeacherSeconds = 1, TeacherImages = 1, TeacherLetters = 1, StudentImages = 1, Letters = 1, TestImages = 1,
            Seed = 0, Folder = "", Picture = "",
        };
        Assert.Equal(sentence, result.Conclusion());
    }

    private static DemonstrationRow Row(string method, double top1, long parameters) => new(method, "", parameters, 1, top1, 1, 1);
}
