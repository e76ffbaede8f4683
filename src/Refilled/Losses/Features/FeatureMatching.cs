using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>What the losses on feature maps share: how a student's maps meet a teacher's of another size.</summary>
internal static class FeatureMatching
{
    /// <summary>Both maps in fp32 (or better) and at one size; the teacher's has no gradient.</summary>
    /// <remarks>The larger is average-pooled to the smaller, in each direction by itself, with cell i of k over the pixels
    /// floor(i·n/k) to ceil((i+1)·n/k).</remarks>
    /// <param name="student"><c>[B, c, h, w]</c>, any precision.</param>
    /// <param name="teacher"><c>[B, c', h', w']</c>, any precision.</param>
    public static (Tensor Student, Tensor Teacher) Match(Tensor student, Tensor teacher)
    {
        var (height, width) = (Math.Min(student.shape[2], teacher.shape[2]), Math.Min(student.shape[3], teacher.shape[3]));
        return (Pool(student, height, width), Pool(teacher.detach(), height, width));
    }

    /// <summary>Why a student's maps can't be compared with a teacher's one by one, or null where they can.</summary>
    public static string? OneByOne(SignalShapes shapes) => shapes.StudentMaps.Count == shapes.TeacherMaps.Count ? null
        : $"it compares feature maps one by one, but the student has {shapes.StudentMaps.Count} and the teacher {shapes.TeacherMaps.Count}";

    /// <summary>The loss of a batch: the sum over the groups and the images.</summary>
    /// <param name="student">The student's maps.</param>
    /// <param name="teacher">The teacher's, as many.</param>
    /// <param name="ofGroup">The loss of each image <c>[B]</c>, by the group's place and its two matched maps.</param>
    public static LossTerm Sum(IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher, Func<int, Tensor, Tensor, Tensor> ofGroup)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        for (var i = 0; i < student.Count; i++)
        {
            var (learned, taught) = Match(student[i], teacher[i]);
            var group = ofGroup(i, learned, taught).sum();
            sum = sum is null ? group : sum.Plus(group);
        }
        return LossTerm.Of(sum!, student[0].shape[0]);
    }

    /// <summary>The mean of each image <c>[B]</c> over all that a map <c>[B, …]</c> holds of it.</summary>
    public static Tensor MeanOfEach(Tensor map) => map.flatten(1).mean([1]);

    private static Tensor Pool(Tensor map, long height, long width)
    {
        map = map.AtLeastFp32();
        return map.shape[2] == height && map.shape[3] == width ? map : nn.functional.adaptive_avg_pool2d(map, [height, width]);
    }
}

/// <summary>The size of a feature map <c>[B, Channels, Height, Width]</c>.</summary>
/// <param name="Channels">Channels, c.</param>
/// <param name="Height">Height, h.</param>
/// <param name="Width">Width, w.</param>
public sealed record FeatureShape(int Channels, int Height, int Width);
