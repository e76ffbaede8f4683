using Refilled.Losses.Alignment;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses.Alignment;

public class MiningTests
{
    [Fact]
    public void Distances_agree_with_loops_and_are_exactly_zero_between_duplicates()
    {
        using var scope = NewDisposeScope();
        // More than 25 rows: there the engine's default would use a matrix product, which is off by 3e-4 between duplicates.
        var rows = Rows.Random(40, 6, 1, 20);
        rows.index_copy_(0, tensor(new long[] { 7 }), rows.narrow(0, 3, 1).clone());
        var found = Rows.Doubles(Distances.Between(rows, rows.narrow(0, 0, 33)));
        var plain = Rows.Doubles(rows);
        for (var i = 0; i < 40; i++)
            for (var j = 0; j < 33; j++)
                Assert.Equal(NaiveLosses.Distance(plain[i], plain[j]), found[i][j], 1e-4);
        Assert.Equal((0, 0), (found[7][3], found[3][7]));
    }

    [Fact]
    public void The_slope_of_a_distance_of_zero_is_zero()
    {
        using var scope = NewDisposeScope();
        var rows = ones(3, 4).requires_grad_();
        Distances.Between(rows, rows).sum().backward();
        Assert.Equal(0, rows.grad!.abs().max().Number());
    }

    [Fact]
    public void Unit_rows_have_length_one_the_usual_gradient_and_a_zero_row_stays()
    {
        using var scope = NewDisposeScope();
        var rows = cat([Rows.Random(5, 6, 1, 1e-3), zeros(1, 6)], 0).requires_grad_();
        var unit = Distances.Unit(rows);
        Assert.True(unit.narrow(0, 0, 5).norm(1, keepdim: false, p: 2).Plus(-1).abs().max().Number() < 1e-6);
        Assert.Equal(0, unit.narrow(0, 5, 1).abs().max().Number());
        var direction = Rows.Random(6, 6, 2);
        (unit * direction).sum().backward();
        var usual = rows.detach().requires_grad_();
        (nn.functional.normalize(usual, 2, 1) * direction).narrow(0, 0, 5).sum().backward();
        var error = (rows.grad! - usual.grad!).narrow(0, 0, 5).abs().max().Number();
        Assert.True(error <= 1e-5 * usual.grad!.abs().max().Number(), $"off by {error}");
        Assert.True(rows.grad!.narrow(0, 5, 1).equal(direction.narrow(0, 5, 1)).all().item<bool>());
    }

    [Theory]
    [InlineData(1, 1, 0.2)]
    [InlineData(2, 2, 0.2)]
    [InlineData(9, 9, 0.2)]
    [InlineData(9, 1, 0.2)]
    [InlineData(31, 5, 0.05)]
    [InlineData(31, 5, 10)]
    public void Triplets_agree_with_loops(int size, int classes, double margin)
    {
        using var scope = NewDisposeScope();
        var rows = Rows.Random(size, 4, size);
        var labels = Enumerable.Range(0, size).Select(i => (long)(i * 7 % classes * 10)).ToArray();
        var triplets = new SemiHardMiner(margin).Mine(Distances.OfUnitRows(rows), tensor(labels));
        var expected = NaiveLosses.SemiHard(Rows.Doubles(rows), labels, margin);
        Assert.Equal([expected.Count, 3], triplets.shape);
        Assert.Equal(expected.SelectMany(t => new long[] { t.A, t.P, t.N }), Integers(triplets));
    }

    [Fact]
    public void Both_ends_of_the_margin_are_as_defined()
    {
        using var scope = NewDisposeScope();
        // The neighbour is at 1; impostors at 1 (not farther), 1.25 (exactly the margin), and beyond it.
        var distances = zeros([5, 5], ScalarType.Float64);
        distances[0] = tensor(new double[] { 0, 1, 1, 1.25, 1.2500001 });
        var triplets = new SemiHardMiner(0.25).Mine(distances, tensor(new long[] { 0, 0, 1, 2, 3 }));
        Assert.Equal([0, 1, 3], Integers(triplets).Take(3));
        Assert.Single(Integers(triplets.select(1, 0)), 0L);
    }

    private static long[] Integers(Tensor values) =>
        values.numel() == 0 ? [] : values.to(ScalarType.Int64).contiguous().data<long>().ToArray();
}
