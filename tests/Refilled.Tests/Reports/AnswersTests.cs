using Refilled.Reports.Looks;
using Refilled.Tests.Support;

namespace Refilled.Tests.Reports;

public class AnswersTests
{
    // Four images of classes 0, 1, 0, 1 (see MadeUpImages), three probabilities each.
    private static Answers Made()
    {
        var set = MadeUpImages.Set(6, 3);
        float[] rows =
        [
            0.7f, 0.2f, 0.1f,
            0.6f, 0.3f, 0.1f,
            0.1f, 0.1f, 0.8f,
            0.2f, 0.5f, 0.3f,
            0.9f, 0.05f, 0.05f,
            0.3f, 0.3f, 0.4f,
        ];
        Assert.Equal([0, 1, 2, 0, 1, 2], set.Labels);
        return new Answers(set, rows);
    }

    [Fact]
    public void The_likeliest_classes_are_counted_by_truth_and_answer()
    {
        var answers = Made();
        Assert.Equal([0, 0, 2, 1, 0, 2], answers.Of);
        Assert.Equal(new[,] { { 1, 1, 0 }, { 2, 0, 0 }, { 0, 0, 2 } }, answers.Counts);
    }

    [Fact]
    public void Mistakes_and_confused_classes_come_by_sureness_and_number()
    {
        var answers = Made();
        Assert.Equal([4, 1, 3], answers.SurestMistakes(10));
        Assert.Equal([4], answers.SurestMistakes(1));
        var confused = answers.MostConfused(10);
        Assert.Equal([(1, 0), (0, 1)], confused.Select(pair => (pair.Truth, pair.Answer)));
        Assert.Equal([4, 1], confused[0].Images);
    }

    [Fact]
    public void Bins_hold_each_answer_once_and_the_surest_falls_into_the_last()
    {
        var set = MadeUpImages.Set(4, 2);
        var answers = new Answers(set, [1, 0, 0, 1, 0.5f, 0.5f, 0.74f, 0.26f]);
        var bins = answers.Bins(4);
        Assert.Equal([(0.5, 2), (0.75, 2)], bins.Select(bin => (bin.From, bin.Images)));
        Assert.Equal(2, bins[1].Right);
        Assert.Equal(1, bins[1].Mean, 1e-6);
        Assert.Equal(0.62, bins[0].Mean, 1e-6);
    }
}
