namespace Refilled.Cli.Tests;

/// <summary>Files of a run folder that somebody or something has damaged.</summary>
public sealed class DamagedRunFolderTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Theory]
    [InlineData("result.json", "Delete it: then --resume measures the trained network again.", false)]
    [InlineData("environment.json", "delete it to go on unchecked", true)]
    public async Task They_are_named_with_what_to_do_and_doing_it_helps(string name, string said, bool isBegun)
    {
        var folder = runs.Folder[name];
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(runs.Student)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var before = await File.ReadAllBytesAsync(Path.Combine(folder, "network.safetensors"));
        if (isBegun) File.Delete(Path.Combine(folder, "result.json"));
        var damaged = Path.Combine(folder, name);
        foreach (var text in new[] { "", "{\"top1\":", "[1, 2]", "\0\0\0" })
        {
            await File.WriteAllTextAsync(damaged, text);
            var told = (await Run(ExitCode.BadInput, "distill", "--resume", "--out", folder)).Error;
            Assert.Contains(damaged, told, StringComparison.Ordinal);
            Assert.Contains(said, told, StringComparison.Ordinal);
        }
        File.Delete(damaged);
        await Run(0, "distill", "--resume", "--out", folder);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(folder, "network.safetensors")));
        Assert.True(File.Exists(Path.Combine(folder, "result.json")));
    }
}
