using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>The alignment losses on the processor: value and gradient in one pass over both distance matrices.</summary>
/// <remarks>A row (an anchor) at a time on all of the engine's threads, without a single tensor of triplets.</remarks>
internal static class AnchorLoops
{
    /// <summary>Below this many entries of the matrix a second thread costs more than it gives.</summary>
    private const int LeastParallel = 64 * 64;

    /// <param name="loss">What is computed for each anchor.</param>
    /// <param name="student">fp64 <c>[B, B]</c>, on the CPU.</param>
    /// <param name="teacher">fp64 <c>[B, B]</c>, on the CPU.</param>
    /// <param name="labels">int64 <c>[B]</c>.</param>
    /// <returns>The sum (fp64) and the count (fp32) of the divergences, scalars; the sum's gradient <c>[B, B]</c>.</returns>
    public static (Tensor Sum, Tensor Count, Tensor Gradient) Run(AlignmentLoss loss, Tensor student, Tensor teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var size = (int)labels.shape[0];
        var (s, t) = (new Matrix(student.detach().contiguous()), new Matrix(teacher.contiguous()));
        var gradient = new Matrix(zeros_like(student));
        var classes = Neighbours(labels.cpu().contiguous().data<long>().ToArray());
        var sums = new double[size];
        var counts = new long[size];
        var shortest = loss.CutsToShortest ? Shortest(loss.Margin, s, classes) : long.MaxValue;
        Each(size, (anchor, room) =>
        {
            room.Load(s.Row(anchor), t.Row(anchor), classes, anchor);
            (sums[anchor], counts[anchor]) = loss.Anchor(room.Anchor(shortest));
            room.Gradient.AsSpan(0, size).CopyTo(gradient.Row(anchor));
        });
        // Summed in order: the value doesn't depend on which thread did what.
        return (
            tensor(sums.Sum(), ScalarType.Float64).MoveToOuterDisposeScope(),
            tensor((float)counts.Sum()).MoveToOuterDisposeScope(),
            gradient.Values.MoveToOuterDisposeScope());
    }

    /// <summary>Impostors of the shortest tuple; 0 where there is none.</summary>
    private static long Shortest(double margin, Matrix student, ClassLists classes)
    {
        var size = classes.Of.Length;
        var least = new long[size];
        Each(size, (anchor, room) =>
        {
            room.Load(student.Row(anchor), student.Row(anchor), classes, anchor);
            var row = room.Anchor(long.MaxValue);
            least[anchor] = long.MaxValue;
            foreach (var neighbour in row.Neighbours)
                if (row.Mine(neighbour, margin) is > 0 and var found) least[anchor] = Math.Min(least[anchor], found);
        });
        return least.DefaultIfEmpty(0).Min();
    }

    private static void Each(int size, Action<int, Room> work)
    {
        if (size * size < LeastParallel || get_num_threads() == 1)
        {
            var room = new Room(size);
            for (var anchor = 0; anchor < size; anchor++) work(anchor, room);
            return;
        }
        Parallel.For(0, size, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, () => new Room(size), (anchor, _, room) =>
        {
            work(anchor, room);
            return room;
        }, _ => { });
    }

    private static ClassLists Neighbours(long[] labels)
    {
        var members = Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]).Select(group => group.ToArray()).ToArray();
        var of = new int[labels.Length];
        for (var c = 0; c < members.Length; c++)
            foreach (var i in members[c]) of[i] = c;
        return new ClassLists(of, members);
    }

    /// <summary>The rows of a contiguous fp64 matrix in the engine's memory.</summary>
    private sealed unsafe class Matrix(Tensor values)
    {
        private readonly int columns = (int)values.shape[1];
        private readonly double* first = (double*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values.bytes));

        public Tensor Values => values;

        public Span<double> Row(int row) => new(first + (long)row * columns, columns);
    }

    /// <param name="Of">The class of each image.</param>
    /// <param name="Members">The images of each class, ascending.</param>
    private sealed record ClassLists(int[] Of, int[][] Members);

    /// <summary>A thread's buffers, padded to whole vectors.</summary>
    private sealed class Room(int size)
    {
        private readonly double[] student = new double[Padded(size)], teacher = new double[Padded(size)];
        private readonly long[] impostors = new long[Padded(size)], semiHard = new long[Padded(size)];
        private int[] neighbours = [];

        public double[] Gradient { get; } = new double[Padded(size)];

        public void Load(ReadOnlySpan<double> studentRow, ReadOnlySpan<double> teacherRow, ClassLists classes, int anchor)
        {
            studentRow.CopyTo(student);
            teacherRow.CopyTo(teacher);
            Array.Clear(Gradient);
            Array.Fill(impostors, -1L, 0, size);
            var members = classes.Members[classes.Of[anchor]];
            foreach (var i in members) impostors[i] = 0;
            neighbours = Array.FindAll(members, i => i != anchor);
        }

        public AnchorRow Anchor(long longest) => new()
        {
            Student = student,
            Teacher = teacher,
            Neighbours = neighbours,
            Impostors = impostors,
            SemiHard = semiHard,
            Gradient = Gradient,
            Longest = longest,
        };

        private static int Padded(int size) => (size + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
    }
}
