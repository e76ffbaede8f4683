using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>A run's record says where its data lie, from wherever it is read.</summary>
public sealed class RecordedDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_relative_path_is_recorded_as_an_absolute_one_and_the_run_can_be_evaluated()
    {
        MadeUpFiles.Folder(folder["pets"], from name in new[] { "cat", "dog" }
                                           from i in Enumerable.Range(0, 10)
                                           select KeyValuePair.Create($"{name}/{i}.png", MadeUpFiles.Picture(name[0] + i)));
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder["pets"]);
        await Run(0, "pretrain", "--data", relative, "--image-size", "8", "--model", "wrn-10-1", "--epochs", "1", "--batch", "4",
            "--group-by", @"/(\d)", "--device", "cpu", "--out", folder["run"]);
        var recipe = File.ReadAllText(folder["run", "recipe.yaml"]);
        Assert.Contains($"data: \"folder:{folder["pets"]}\"", recipe, StringComparison.Ordinal);
        Assert.Contains("group-by: ", recipe, StringComparison.Ordinal);
        Assert.Contains("top-1", (await Run(0, "evaluate", folder["run"])).Output, StringComparison.Ordinal);
    }
}
