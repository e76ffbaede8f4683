using Refilled.Data;

namespace Refilled.Tests.Data;

public class AheadTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(50, 20)]
    [InlineData(2, 20)]
    public void Each_item_is_read_in_order_or_disposed_of(int count, int read)
    {
        var made = new List<Item>();
        var taken = Ahead.Of(Items(made), item => item.Filled++, count).Take(read).ToList();
        Assert.Equal(Enumerable.Range(0, read), taken.Select(item => item.Number));
        Assert.All(taken, item => Assert.Equal((1, 0), (item.Filled, item.Disposed)));
        Assert.All(made.Except(taken), item => Assert.Equal(1, item.Disposed));
        Assert.InRange(made.Count, read, read + count + 1);
    }

    [Fact]
    public void What_was_filled_before_a_mishap_is_read_first_and_the_rest_disposed_of()
    {
        var (made, read) = (new List<Item>(), new List<Item>());
        var mishap = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var item in Ahead.Of(Items(made), item => { if (item.Number == 2) throw new InvalidDataException("torn"); }, 5))
                read.Add(item);
        });
        Assert.Equal("torn", mishap.Message);
        Assert.Equal([0, 1], read.Select(item => item.Number));
        Assert.All(made.Except(read), item => Assert.Equal(1, item.Disposed));
    }

    [Fact]
    public void Blanks_are_made_by_the_reader_and_filled_by_one_other_thread()
    {
        var (makers, fillers) = (new HashSet<int>(), new HashSet<int>());
        IEnumerable<Item> Items()
        {
            for (var i = 0; i < 20; i++)
            {
                makers.Add(Environment.CurrentManagedThreadId);
                yield return new Item(i);
            }
        }
        var items = Ahead.Of(Items(), _ => fillers.Add(Environment.CurrentManagedThreadId), 2);
        Assert.Empty(makers);
        Assert.Equal(20, items.Count());
        Assert.Equal(Environment.CurrentManagedThreadId, Assert.Single(makers));
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(fillers));
    }

    private static IEnumerable<Item> Items(List<Item> made)
    {
        while (made.Count < 20)
        {
            made.Add(new Item(made.Count));
            yield return made[^1];
        }
    }

    private sealed record Item(int Number) : IDisposable
    {
        public int Filled { get; set; }

        public int Disposed { get; private set; }

        public void Dispose() => Disposed++;
    }
}
