using CsCheck;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data.Episodes;

public class EpisodeSamplerTests
{
    [Fact]
    public void A_task_is_what_its_shape_says() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Long, Gen.Long[0, 1L << 40]).Sample((way, shot, query, seed, number) =>
        {
            var set = Set(7, 8);
            var shape = new EpisodeShape { Way = way, Shot = shot, Query = query };
            var task = new EpisodeSampler(set, shape, seed)[number];
            Assert.Equal((shape, way, shot * way, query * way), (task.Shape, task.Classes.Count, task.Support.Count, task.Queries.Count));
            Assert.Equal(way, task.Classes.Distinct().Count());
            // No image twice, neither within nor across the two parts.
            Assert.Equal(shape.Images, task.Support.Concat(task.Queries).Distinct().Count());
            Assert.All(task.Support.Index(), image => Assert.Equal(task.Classes[image.Index % way], set.Labels[image.Item]));
            Assert.All(task.Queries.Index(), image => Assert.Equal(task.Classes[image.Index % way], set.Labels[image.Item]));
        }, iter: 200);

    [Fact]
    public void A_task_is_a_function_of_its_seed_and_number()
    {
        var shape = new EpisodeShape { Way = 3, Shot = 2, Query = 3 };
        EpisodeSampler Sampler(long seed) => new(Set(7, 8), shape, seed);
        var (one, again) = (Sampler(1), Sampler(1));
        long[] numbers = [5, 0, 1_000_000_007, 5];
        var expected = numbers.Select(number => Sampler(1)[number]).ToList(); // each from a sampler that drew nothing before
        Assert.All(numbers.Index(), number => Same(expected[number.Index], one[number.Item]));
        Assert.All(numbers.Index().Reverse(), number => Same(expected[number.Index], again[number.Item]));
        var all = Enumerable.Range(0, 50).SelectMany(number => new[] { one[number], Sampler(2)[number] })
            .Select(task => string.Join(',', task.Support.Concat(task.Queries)));
        Assert.Equal(100, all.Distinct().Count());
    }

    [Fact]
    public void Over_different_shots_classes_and_queries_stay_and_fewer_shots_are_a_part_of_more()
    {
        var set = Set(9, 20);
        EpisodeSampler Sampler(int shot) => new(set, new EpisodeShape { Way = 4, Shot = shot, Query = 6 }, 3);
        var (few, more) = (Sampler(2), Sampler(14));
        for (var number = 0; number < 20; number++)
        {
            var (a, b) = (few[number], more[number]);
            Assert.Equal(a.Classes, b.Classes);
            Assert.Equal(a.Queries, b.Queries);
            Assert.Equal(a.Support, b.Support.Take(a.Support.Count));
        }
    }

    [Fact]
    public void Classes_and_images_are_drawn_alike()
    {
        const int classes = 8, perClass = 10, tasks = 4000;
        var sampler = new EpisodeSampler(Set(classes, perClass), new EpisodeShape { Way = 3, Shot = 2, Query = 1 }, 4);
        var drawn = Enumerable.Range(0, tasks).Select(number => sampler[number]).ToList();
        // Pearson's sums over categories with expectation e are about their number, with a deviation of √(2·number).
        static double Excess(IEnumerable<int> counts, int categories, double expected)
        {
            var sum = counts.Concat(Enumerable.Repeat(0, categories)).Take(categories)
                .Sum(count => (count - expected) * (count - expected) / expected);
            return (sum - categories) / Math.Sqrt(2 * categories);
        }
        static IEnumerable<int> Counts<T>(IEnumerable<T> items) => items.GroupBy(item => item).Select(group => group.Count());
        Assert.InRange(Excess(Counts(drawn.Select(task => task.Classes[0])), classes, (double)tasks / classes), -4, 4);
        Assert.InRange(Excess(Counts(drawn.Select(task => (task.Classes[0], task.Classes[2]))), classes * (classes - 1),
            (double)tasks / (classes * (classes - 1))), -4, 4);
        Assert.InRange(Excess(Counts(drawn.SelectMany(task => task.Support)), classes * perClass,
            6.0 * tasks / (classes * perClass)), -4, 4);
        Assert.InRange(Excess(Counts(drawn.SelectMany(task => task.Queries)), classes * perClass,
            3.0 * tasks / (classes * perClass)), -4, 4);
        // A class's two shots, in any of their 90 orders.
        Assert.InRange(Excess(Counts(drawn.Where(task => task.Classes[1] == 5).Select(task => (task.Support[1], task.Support[4]))), 90,
            tasks / 8 / 90.0), -4, 4);
    }

    [Fact]
    public void What_cannot_be_drawn_is_named()
    {
        var set = Set(4, 6);
        string Error(EpisodeShape shape, ImageSet? other = null) =>
            Assert.Throws<InputException>(() => new EpisodeSampler(other ?? set, shape, 0)).Message;
        Assert.Contains("5 classes can't be drawn from 4", Error(new EpisodeShape { Way = 5, Shot = 1, Query = 1 }),
            StringComparison.Ordinal);
        Assert.Contains("'class0' (and 3 more) has 6 images; 2 shots and 5 queries need 7",
            Error(new EpisodeShape { Way = 4, Shot = 2, Query = 5 }), StringComparison.Ordinal);
        var lacking = set.At([.. Enumerable.Range(0, 24).Where(i => i != 2)]); // one image of class 2 is gone
        Assert.Contains("'class2' has 5 images; 1 shots and 5 queries need 6",
            Error(new EpisodeShape { Way = 3, Shot = 1, Query = 5 }, lacking), StringComparison.Ordinal);
        _ = new EpisodeSampler(set, new EpisodeShape { Way = 4, Shot = 1, Query = 5 }, 0)[0]; // just enough
        Assert.Equal(["way", "shot", "query"], new EpisodeShape { Way = 1, Shot = 0, Query = 0 }.Validate()
            .Select(problem => problem.Path));
        Assert.Empty(new EpisodeShape().Validate());
    }

    private static ImageSet Set(int classes, int perClass) => MadeUpImages.Set(classes * perClass, classes, size: 1);

    private static void Same(Episode expected, Episode actual)
    {
        Assert.Equal(expected.Classes, actual.Classes);
        Assert.Equal(expected.Support, actual.Support);
        Assert.Equal(expected.Queries, actual.Queries);
    }
}
