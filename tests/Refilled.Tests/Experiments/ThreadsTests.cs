using Refilled.Experiments;
using static TorchSharp.torch;

namespace Refilled.Tests.Experiments;

/// <summary>How many threads the engine has is the process's own matter, unless it is our command's.</summary>
public class ThreadsTests
{
    [Fact]
    public void A_library_users_threads_stay_and_the_effective_recipe_names_them()
    {
        var before = get_num_threads();
        const string Data = "generated:0,classes=4,train=8,test=2";
        var recipe = new Recipe { Data = Data, Method = "student", Student = "wrn-10-1", Threads = before + 1 };
        using var experiment = Experiment.Prepare(recipe, TestContext.Current.CancellationToken);
        Assert.Equal(before, get_num_threads());
        Assert.Equal(before, experiment.Recipe.Threads);
    }
}
