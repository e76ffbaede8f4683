using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Data;

/// <summary>Whose tensors a batch holds.</summary>
public class BatchTests
{
    [Fact]
    public void A_batch_of_the_callers_tensors_leaves_them_alone()
    {
        using var images = zeros([3, 3, 8, 8], ScalarType.Byte);
        using var labels = tensor(new long[] { 0, 1, 0 });
        using (var batch = new Batch(images, labels))
        {
            Assert.Equal(3, batch.Size);
            Assert.All(batch.SampleIds, id => Assert.Equal(Batch.NoSample, id));
            Assert.All(batch.Views, view => Assert.Equal(View.Evaluation, view));
        }
        Assert.False(images.IsInvalid);
        Assert.Equal(1, labels.sum().WholeNumber());
    }

    [Fact]
    public void A_streams_batch_disposes_of_its_own()
    {
        var batch = BatchStream.Evaluation(MadeUpImages.Set(4, 2), 4).Epoch(0).Single();
        Assert.False(batch.Images.IsInvalid);
        batch.Dispose();
        Assert.True(batch.Images.IsInvalid && batch.Labels.IsInvalid);
    }

    [Fact]
    public void Tensors_of_different_numbers_of_images_are_refused()
    {
        using var images = zeros([3, 3, 8, 8], ScalarType.Byte);
        using var labels = zeros([3], ScalarType.Int64);
        using var two = zeros([2], ScalarType.Int64);
        Assert.Throws<ArgumentException>(() => new Batch(images, two));
        Assert.Throws<ArgumentException>(() => new Batch(images, labels, [1, 2]));
        Assert.Throws<ArgumentException>(() => new Batch(images, labels, null, [0]));
    }
}
