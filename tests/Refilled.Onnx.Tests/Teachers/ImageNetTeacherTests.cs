using Microsoft.ML.OnnxRuntime;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>The built-in teacher, which the build links beside each program.</summary>
public class ImageNetTeacherTests
{
    private static readonly ITeacherFormat[] Formats = [new ImageNetTeacherFormat(), new OnnxTeacherFormat()];

    [Fact]
    public void It_sees_images_as_its_own_preprocessing_makes_them()
    {
        using var scope = NewDisposeScope();
        using var opened = Open();
        var teacher = (OnnxTeacher)opened.Teach();
        var images = RealImages(3);
        using var preprocessing = new InferenceSession(ImageNetTeacherFormat.Preprocessing);
        var found = Shown(teacher.Input, images);
        for (var i = 0; i < 3; i++)
        {
            var plain = images[i].to(ScalarType.Float32).contiguous().data<float>().ToArray();
            using var given = OrtValue.CreateTensorValueFromMemory(plain, [1, 3, 224, 224]);
            using var options = new RunOptions();
            using var results = preprocessing.Run(options, ["OriginalInput"], [given], ["PreprocessedInput"]);
            var expected = results[0].GetTensorDataAsSpan<float>().ToArray();
            var own = found.AsSpan(i * expected.Length, expected.Length).ToArray();
            Assert.InRange(expected.Zip(own, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4f);
        }
    }

    [Fact]
    public void It_gives_an_embedding_alone_which_does_not_depend_on_the_batch()
    {
        using var scope = NewDisposeScope();
        using var opened = Open();
        var teacher = opened.Teach();
        Assert.Equal((Needs.Embedding, 512, "imagenet-resnet-18", 224),
            (teacher.Provides, teacher.EmbeddingSize, opened.Name, opened.Input!.Height));
        Assert.Equal("e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f", opened.Place.Hash[..64]);
        Assert.Contains("ImageNet", Assert.Single(opened.Notes), StringComparison.Ordinal);
        var images = RealImages(3);
        var together = teacher.Observe(images, Needs.Embedding).Embedding;
        var alone = teacher.Observe(images[TensorIndex.Slice(1, 2)], Needs.Embedding).Embedding;
        Assert.Equal(alone[0].data<float>().ToArray(), together[1].contiguous().data<float>().ToArray());
        Assert.False(together[0].allclose(together[1], 1e-3, 1e-3));
        // Small views are enlarged as those of every network.
        var small = images.slice(2, 0, 224, 7).slice(3, 0, 224, 7).contiguous();
        var enlarged = nn.functional.interpolate(small.to(ScalarType.Float32), [224, 224], mode: InterpolationMode.Bilinear,
            align_corners: false);
        var mean = tensor(ImageNetTeacherFormat.MeanImage(), [1, 3, 224, 224]);
        Assert.InRange((enlarged.flip(1) - mean - tensor(Shown(((OnnxTeacher)teacher).Input, small), [3, 3, 224, 224])).abs().max()
            .item<float>(), 0, 1e-3f);
    }

    private static float[] Shown(ImageInput input, Tensor images)
    {
        var numbers = new float[images.shape[0] * input.Length];
        using var shown = new ShownImages(input, images);
        shown.Write(0, numbers);
        return numbers;
    }

    private static Teacher Open()
    {
        Assert.True(ImageNetTeacherFormat.IsThere, ImageNetTeacherFormat.HowToGet);
        return Teacher.Open(Teacher.Find("imagenet-resnet-18", formats: Formats), new TeacherOptions(CPU, Precision.Fp32), Formats);
    }

    /// <summary>Handwriting, at the teacher's size.</summary>
    private static Tensor RealImages(int count)
    {
        var data = DataCatalog.Load("letters", new DataOptions { ImageSize = 224 });
        return data.Test.Store.Draw([.. Enumerable.Range(0, count).Select(i => new View(0, data.Test.SampleIds[i * 50], View.Evaluation))]);
    }
}
