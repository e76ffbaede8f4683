using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

public class CachedTeacherTests
{
    private static readonly CacheOptions Options = new() { DataHash = "made up", ViewSeed = 5, Views = 3 };

    private static NetworkTeacher Teacher(string name, Precision precision = Precision.Fp32, long seed = 0) =>
        new(Trained(name, precision, seed), ["a", "b", "c"]);

    /// <summary>A network whose batch norms have seen images, as a trained one's have.</summary>
    private static EmbeddingNetwork Trained(string name, Precision precision, long seed)
    {
        var network = NetworkCatalog.Create(name, new NetworkOptions(3) { Precision = precision, Seed = seed });
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.train();
        using var batch = new BatchStream(MadeUpImages.Set(16, 4, 32), new BatchStreamOptions { BatchSize = 16 }).Epoch(0).First();
        network.Observe(batch.Images, Needs.Logits);
        return network;
    }

    private static void Same(Tensor expected, Tensor found) => Assert.True(expected.equal(found).all().item<bool>());

    [Theory]
    [InlineData("wrn-16-2", 50)]
    [InlineData("resnet-20", 37)]
    [InlineData("mobilenet-0.25", 1)]
    [InlineData("wrn-10-1", 9)]
    public void In_fp32_the_cache_gives_what_the_teacher_gives_bit_for_bit(string name, int batchSize)
    {
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(150, 4, 32);
        using var live = Teacher(name);
        using var cached = new CachedTeacher(Teacher(name), set, Options);
        var stream = new BatchStream(set, new BatchStreamOptions { BatchSize = batchSize, Views = 3, ViewSeed = 5 });
        for (var epoch = 0; epoch < 4; epoch++)
        {
            foreach (var batch in stream.Epoch(epoch).Take(4))
            {
                using (batch)
                {
                    var expected = live.Observe(batch, Needs.Embedding | Needs.Logits);
                    var found = cached.Observe(batch, Needs.Embedding | Needs.Logits);
                    Same(expected.Embedding, found.Embedding);
                    Same(expected.Logits, found.Logits);
                }
            }
        }
    }

    [Fact]
    public void Of_mixed_views_the_cache_gives_what_the_teacher_gives_bit_for_bit_and_beside_them_of_plain_ones()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var set = MadeUpImages.Set(60, 4, 32).With(new Augmentation { Mixup = 0.4, Cutmix = 1 });
        using var live = Teacher("wrn-10-1");
        var counting = new CountingTeacher(Teacher("wrn-10-1"));
        using var cached = new CachedTeacher(counting, set, Options with { Folder = folder.Path });
        foreach (var mixed in new[] { true, false, true })
        {
            var stream = new BatchStream(set, new BatchStreamOptions { BatchSize = 16, Views = 3, ViewSeed = 5, Mixed = mixed });
            foreach (var batch in stream.Epoch(1))
                using (batch) Same(live.Observe(batch, Needs.Embedding).Embedding, cached.Observe(batch, Needs.Embedding).Embedding);
        }
        Assert.Equal([60, 60], counting.Seen); // each of the two views once
        Assert.Equal(["mixed1", "view1"],
            Directory.GetFiles(folder.Path).Select(file => Path.GetFileNameWithoutExtension(file)[33..]).Order());
        using var again = new CachedTeacher(Teacher("wrn-10-1"), set, Options with { Folder = folder.Path });
        Assert.Single(again.Notes, note => note.Contains("2 of 6 views", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_that_are_mixed_with_others_than_the_sets_go_to_the_teacher()
    {
        using var scope = NewDisposeScope();
        var all = MadeUpImages.Set(40, 4, 32).With(new Augmentation { Mixup = 1 });
        using var live = Teacher("wrn-10-1");
        var counting = new CountingTeacher(Teacher("wrn-10-1"));
        using var cached = new CachedTeacher(counting, all, Options);
        // A part of the set draws its partners from itself.
        var part = all.At([.. Enumerable.Range(0, 20)]);
        using var batch = new BatchStream(part, new BatchStreamOptions { BatchSize = 20, Views = 3, ViewSeed = 5 }).Epoch(0).Single();
        Same(live.Observe(batch, Needs.Embedding).Embedding, cached.Observe(batch, Needs.Embedding).Embedding);
        Assert.Equal([20], counting.Seen);
    }

    [Fact]
    public void Each_view_is_seen_once_in_fixed_blocks_and_the_rest_comes_from_the_cache()
    {
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(70, 4, 32);
        var counting = new CountingTeacher(Teacher("wrn-10-1"));
        using var cached = new CachedTeacher(counting, set, Options with { Block = 32 });
        var done = new List<(int, int)>();
        cached.Prepare(1, Needs.Embedding, (images, all) => done.Add((images, all)));
        Assert.Equal([32, 32, 6], counting.Seen);
        Assert.Equal([(32, 70), (64, 70), (70, 70)], done);
        cached.Prepare(1, Needs.Embedding);
        using var batch = new BatchStream(set, new BatchStreamOptions { BatchSize = 8, Views = 3, ViewSeed = 5 }).Epoch(1).First();
        cached.Observe(batch, Needs.Embedding);
        cached.Observe(batch, Needs.Logits);
        Assert.Equal(3, counting.Seen.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answers_that_are_no_numbers_are_not_kept(bool inFiles)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var rows = ones(20, 2);
        rows[13, 1].copy_(tensor(float.PositiveInfinity));
        using var cached = new CachedTeacher(new StoredTeacher(rows), MadeUpImages.Set(20, 4, 32),
            Options with { Folder = inFiles ? folder.Path : null });
        for (var time = 0; time < 2; time++)
        {
            var message = Assert.Throws<NotFiniteNumberException>(() => cached.Prepare(1, Needs.Embedding)).Message;
            Assert.Contains("The teacher's answer to image 13 of the data holds numbers that are NaN or infinite, and isn't kept", message,
                StringComparison.Ordinal);
            Assert.Equal(inFiles, message.Contains(folder.Path, StringComparison.Ordinal));
        }
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Feature_maps_and_images_outside_the_set_go_to_the_teacher()
    {
        using var scope = NewDisposeScope();
        var all = MadeUpImages.Set(20, 4, 32);
        var counting = new CountingTeacher(Teacher("wrn-10-1"));
        using var cached = new CachedTeacher(counting, all.At([.. Enumerable.Range(0, 10)]), Options);
        cached.Prepare(0, Needs.Embedding | Needs.FeatureMaps);
        Assert.Empty(counting.Seen);
        using var batch = BatchStream.Evaluation(all).Epoch(0).First();
        Assert.Equal(3, cached.Observe(batch, Needs.FeatureMaps).FeatureMaps.Count);
        cached.Observe(batch, Needs.Embedding);
        Assert.Equal([20, 20], counting.Seen);
    }

    [Fact]
    public void Two_views_of_an_image_may_meet_in_a_batch()
    {
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(4, 4, 32);
        using var cached = new CachedTeacher(Teacher("wrn-10-1"), set, Options);
        using var mixed = Batch.Owning(zeros([2, 3, 32, 32], ScalarType.Byte), tensor(new long[] { 1, 1 }), [1, 1], [0, 2]);
        var both = cached.Observe(mixed, Needs.Embedding).Embedding;
        Assert.False(both[0].equal(both[1]).all().item<bool>());
        for (var i = 0; i < 2; i++)
        {
            using var single = Batch.Owning(zeros([1, 3, 32, 32], ScalarType.Byte), tensor(new long[] { 1 }), [1], [mixed.Views[i]]);
            Same(both[i], cached.Observe(single, Needs.Embedding).Embedding[0]);
        }
    }

    [Fact]
    public void Files_are_shared_by_runs_with_the_same_teacher_and_images()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(30, 4, 32);
        var options = Options with { Folder = folder.Path };
        using var batch = new BatchStream(set, new BatchStreamOptions { BatchSize = 8, Views = 3, ViewSeed = 5 }).Epoch(0).First();
        using var first = new CachedTeacher(Teacher("wrn-10-1"), set, options);
        Assert.Empty(first.Notes);
        var expected = first.Observe(batch, Needs.Embedding).Embedding;

        var counting = new CountingTeacher(Teacher("wrn-10-1"));
        using var second = new CachedTeacher(counting, set, options);
        Same(expected, second.Observe(batch, Needs.Embedding).Embedding);
        Assert.Empty(counting.Seen);
        Assert.Single(second.Notes, note => note.Contains("1 of 3 views", StringComparison.Ordinal));
    }

    [Fact]
    public void The_key_depends_on_everything_that_decides_the_signals()
    {
        var set = MadeUpImages.Set(12, 4, 32);
        string Key(NetworkTeacher teacher, ImageSet images, CacheOptions options)
        {
            using var cached = new CachedTeacher(teacher, images, options);
            return cached.Key;
        }
        var keys = new List<string>
        {
            Key(Teacher("wrn-10-1"), set, Options),
            Key(Teacher("wrn-10-1", seed: 1), set, Options),
            Key(Teacher("wrn-10-1", Precision.Bf16), set, Options),
            Key(Teacher("wrn-10-2"), set, Options),
            Key(Teacher("wrn-10-1"), set, Options with { DataHash = "other" }),
            Key(Teacher("wrn-10-1"), set, Options with { ViewSeed = 6 }),
            Key(Teacher("wrn-10-1"), set, Options with { Block = 64 }),
            Key(Teacher("wrn-10-1"), set.At([0, 1, 2]), Options),
            Key(Teacher("wrn-10-1"), MadeUpImages.Set(12, 4, 32, policy: new PaddedCrop(2)), Options),
            Key(Teacher("wrn-10-1"), MadeUpImages.Set(12, 4, 32, policy: new PaddedCrop { Flip = false }), Options),
            Key(Teacher("wrn-10-1"), set.With(new Augmentation { Mixup = 0.2 }), Options),
            Key(Teacher("wrn-10-1"), set.With(new Augmentation { Mixup = 0.3 }), Options),
            Key(Teacher("wrn-10-1"), set.With(new Augmentation { Mixup = 0.2, Cutmix = 1 }), Options),
            Key(Teacher("wrn-10-1"), set.With(new Augmentation { Mixup = 0.2 }).At([0, 1, 2]), Options), // partners are of the set
        };
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.Equal(keys[0], Key(Teacher("wrn-10-1"), set, Options));
        Assert.Equal(keys[0], Key(Teacher("wrn-10-1"), set.At([.. Enumerable.Range(0, 12).Reverse()]), Options));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("one bit")]
    [InlineData("another's")]
    [InlineData("empty")]
    [InlineData("text")]
    public void A_broken_or_foreign_file_is_made_again(string what)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var set = MadeUpImages.Set(30, 4, 32);
        var options = Options with { Folder = folder.Path };
        using var batch = new BatchStream(set, new BatchStreamOptions { BatchSize = 8, Views = 3, ViewSeed = 5 }).Epoch(0).First();
        Tensor expected;
        using (var first = new CachedTeacher(Teacher("wrn-10-1"), set, options)) expected = first.Observe(batch, Needs.Embedding).Embedding;
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        var bytes = File.ReadAllBytes(file);
        switch (what)
        {
            case "truncated": File.WriteAllBytes(file, bytes[..^100]); break;
            case "one bit": bytes[^5] ^= 4; File.WriteAllBytes(file, bytes); break;
            case "empty": File.WriteAllBytes(file, []); break;
            case "text": File.WriteAllText(file, "no such thing"); break;
            default:
                using (var other = new CachedTeacher(Teacher("wrn-10-1", seed: 9), set, options)) other.Prepare(0, Needs.Embedding);
                File.Move(Directory.GetFiles(folder.Path).Single(path => path != file), file, overwrite: true);
                break;
        }

        using (var second = new CachedTeacher(Teacher("wrn-10-1"), set, options))
        {
            Assert.Single(second.Notes, note =>
                note.Contains(file, StringComparison.Ordinal) && note.EndsWith("It is made again.", StringComparison.Ordinal));
            Same(expected, second.Observe(batch, Needs.Embedding).Embedding);
        }
        using var third = new CachedTeacher(new CountingTeacher(Teacher("wrn-10-1")), set, options);
        Same(expected, third.Observe(batch, Needs.Embedding).Embedding);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_with_the_way_out()
    {
        using var folder = new TemporaryFolder();
        var blocked = Path.Combine(folder.Path, "file");
        File.WriteAllText(blocked, "");
        using var cached = new CachedTeacher(Teacher("wrn-10-1"), MadeUpImages.Set(8, 4, 32),
            Options with { Folder = Path.Combine(blocked, "cache") });
        var e = Assert.Throws<InputException>(() => cached.Prepare(0, Needs.Embedding));
        Assert.Contains("--teacher-cache", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_view_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        using var cached = new CachedTeacher(Teacher("wrn-10-1"), MadeUpImages.Set(64, 4, 32),
            Options with { Folder = folder.Path, Block = 16 });
        Assert.Throws<OperationCanceledException>(() => cached.Prepare(0, Needs.Embedding, (_, _) => cancel.Cancel(), cancel.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Choices_are_as_the_recipe_says()
    {
        using var folder = new TemporaryFolder();
        var set = MadeUpImages.Set(8, 4, 32);
        using var teacher = Teacher("wrn-10-1");
        Assert.Same(teacher, TeacherCache.Around(teacher, "off", set, Options));
        Assert.Same(teacher, TeacherCache.Around(teacher, "auto", set, Options with { Views = 0 }));
        Assert.IsType<CachedTeacher>(TeacherCache.Around(teacher, "auto", set, Options)).Prepare(0, Needs.Embedding);
        var shared = Assert.IsType<CachedTeacher>(TeacherCache.Around(teacher, folder.Path, set, Options));
        shared.Prepare(0, Needs.Embedding);
        Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(8L * 3 * 4 * (64 + 3), CachedTeacher.BytesFor(teacher, 8, 3));
    }
}
