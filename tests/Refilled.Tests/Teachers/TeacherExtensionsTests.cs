using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>A teacher asked for images alone, as a student is.</summary>
public class TeacherExtensionsTests
{
    [Fact]
    public void A_teacher_says_the_same_of_images_as_of_their_batch_and_so_does_a_cache_of_it()
    {
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(20, 4, 32);
        using var batch = BatchStream.Evaluation(set).Epoch(0).Single();
        using var teacher = Teacher();
        using var cached = new CachedTeacher(Teacher(), set, new CacheOptions { DataHash = "made up", Views = 2 });
        var expected = teacher.Observe(batch, Needs.Embedding | Needs.Logits);
        foreach (var asked in new ITeacher[] { teacher, cached })
        {
            var found = asked.Observe(batch.Images, Needs.Embedding | Needs.Logits);
            Assert.True(expected.Embedding.equal(found.Embedding).all().item<bool>());
            Assert.True(expected.Logits.equal(found.Logits).all().item<bool>());
            Assert.False(found.Logits.requires_grad);
        }
        Assert.False(batch.Images.IsInvalid);
    }

    private static NetworkTeacher Teacher() => new(NetworkCatalog.Create("wrn-10-1", new NetworkOptions(3) { Seed = 2 }), ["x", "y", "z"]);
}
