using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Tests.Support;

namespace Refilled.Tests.Experiments;

public class IdentityTests
{
    private static readonly Recipe Plain = new() { Data = "generated", Teacher = "teacher" };

    [Fact]
    public void Where_and_how_fast_it_runs_is_no_part_of_it()
    {
        var moved = Plain with { Data = "cifar100:elsewhere", Teacher = "other", Threads = 7, Device = "cuda",
            Precision = PrecisionChoice.Fp32, Prefetch = 0, CheckpointSteps = 1, TeacherCache = "off" };
        Assert.Equal(Identity.Hash(Plain), Identity.Hash(moved));
    }

    [Fact]
    public void Every_setting_of_the_training_is()
    {
        Recipe[] others =
        [
            Plain with { Batch = 64 }, Plain with { Stage1 = Plain.Stage1 with { PerClass = 4 } }, Plain with { Classes = "0-4" },
            Plain with { Seeds = new SeedSettings { Run = 1 } },
            Plain with { Losses = Plain.Losses with { TripletAlignment = Plain.Losses.TripletAlignment with { Weight = 1 } } },
        ];
        Assert.Equal(others.Length + 1, others.Append(Plain).Select(Identity.Hash).Distinct().Count());
    }

    [Fact]
    public void Mixed_views_and_weighed_classes_are_a_part_only_where_they_are_used()
    {
        Assert.Equal("43942e18aaef4ee5194f6d6963e969d7c8d18ea94ace03dc546bca5e6d396f5d",
            Identity.Hash(Plain with { Batch = 64, Stage1 = Plain.Stage1 with { Epochs = 3 } }));
        var mixed = Plain with { Augmentation = new Augmentation { Mixup = 0.2 } };
        Recipe[] others =
        [
            Plain, mixed, mixed with { Augmentation = new Augmentation { Cutmix = 0.2 } },
            mixed with { Stage1 = Plain.Stage1 with { Mixed = false } },
            Plain with { Losses = Plain.Losses with { CrossEntropy = new CrossEntropy { ClassWeights = "balanced" } } },
        ];
        Assert.Equal(others.Length, others.Select(Identity.Hash).Distinct().Count());
        var written = RecipeWriter.Write(Plain);
        foreach (var key in new[] { "mixup", "cutmix", "mixed", "class-weights" })
            Assert.DoesNotContain(key, written, StringComparison.Ordinal);
    }

    [Fact]
    public void The_precision_of_kept_answers_is_a_part_where_it_is_used()
    {
        static Recipe Read(string precision) => RecipeReader.Read<Recipe>(null, [.. new[] { "data=generated", "teacher=teacher",
            $"teacher-cache-precision={precision}" }.Select(RecipeEdit.Parse)]);
        var half = Read("fp16");
        Assert.Equal(CachePrecision.Fp16, half.TeacherCachePrecision);
        Assert.NotEqual(Identity.Hash(Plain), Identity.Hash(half));
        Assert.Equal(Identity.Hash(Plain), Identity.Hash(Read("fp32")));
        Assert.DoesNotContain("teacher-cache-precision", RecipeWriter.Write(Plain), StringComparison.Ordinal);
        Assert.Contains("teacher-cache-precision: fp16\n", RecipeWriter.Write(half), StringComparison.Ordinal);
        Assert.Contains("teacher-cache-precision", Assert.Throws<RecipeException>(() => Read("bf16")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_few_shot_runs_add_is_a_part_only_where_it_is_used()
    {
        using var folder = new TemporaryFolder();
        var (one, same) = (folder.Write("a/names.txt", "x\ny\n"), folder.Write("b/list.txt", "# the same\nx\ny\n"));
        Recipe Tasks(string classes) => Plain with { Validation = new ValidationEpisodes { Classes = classes } };
        // What is held out by default is no part, given or not; where lists of names and starts lie isn't either.
        Assert.Equal(Identity.Hash(Plain), Identity.Hash(Plain with { HoldOut = 0.1 }));
        Assert.Equal(Identity.Hash(Tasks("0-4")), Identity.Hash(Tasks("0-4") with { HoldOut = 0 }));
        Assert.Equal(Identity.Hash(Plain with { Classes = one }), Identity.Hash(Plain with { Classes = same }));
        Assert.Equal(Identity.Hash(Tasks(one)), Identity.Hash(Tasks(same)));
        Assert.Equal(Identity.Hash(Plain with { Start = "here" }), Identity.Hash(Plain with { Start = "there" }));
        Recipe[] others =
        [
            Plain, Plain with { HoldOut = 0 }, Tasks("0-4"), Tasks("0-4") with { HoldOut = 0.1 }, Tasks(one), Plain with { Classes = one },
            Plain with { Start = "here" }, Plain with { JoinTest = true },
            Plain with { Validation = new ValidationEpisodes { Classes = "0-4", Tasks = 100 } },
        ];
        Assert.Equal(others.Length, others.Select(Identity.Hash).Distinct().Count());
    }

    [Fact]
    public void A_value_at_its_default_is_no_part_so_that_later_settings_orphan_no_results() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Identity.Hash(new Recipe { Data = "" }));
}
