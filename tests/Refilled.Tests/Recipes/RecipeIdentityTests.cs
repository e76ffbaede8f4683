using Refilled.Recipes;

namespace Refilled.Tests.Recipes;

public class RecipeIdentityTests
{
    private static readonly Recipe Plain = new() { Data = "generated", Teacher = "teacher" };

    [Fact]
    public void Where_and_how_fast_it_runs_is_no_part_of_it()
    {
        var moved = Plain with { Data = "cifar100:elsewhere", Teacher = "other", Threads = 7, Device = "cuda", Precision = PrecisionChoice.Fp32, Prefetch = 0, CheckpointSteps = 1, TeacherCache = "off" };
        Assert.Equal(RecipeIdentity.Hash(Plain), RecipeIdentity.Hash(moved));
    }

    [Fact]
    public void Every_setting_of_the_training_is()
    {
        Recipe[] others =
        [
            Plain with { Batch = 64 }, Plain with { Stage1 = Plain.Stage1 with { PerClass = 4 } }, Plain with { Classes = "0-4" }, Plain with { Seeds = new SeedSettings { Run = 1 } },
            Plain with { Losses = Plain.Losses with { TripletAlignment = Plain.Losses.TripletAlignment with { Weight = 1 } } },
        ];
        Assert.Equal(others.Length + 1, others.Append(Plain).Select(RecipeIdentity.Hash).Distinct().Count());
    }

    [Fact]
    public void A_value_at_its_default_is_no_part_so_that_later_settings_orphan_no_results() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", RecipeIdentity.Hash(new Recipe { Data = "" }));
}
