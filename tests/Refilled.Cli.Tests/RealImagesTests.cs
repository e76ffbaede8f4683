using System.IO.Compression;
using System.Text.RegularExpressions;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>Distillation on a user's folder of JPEGs (64 pixels, some of them greyscale), in both layouts.</summary>
public sealed partial class RealImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_student_learns_from_a_folder_in_either_layout()
    {
        using (var archive = ZipFile.OpenRead(Repository.Shared("data", "tiny-imagenet-mammals12.zip")))
            foreach (var entry in archive.Entries.Where(entry => entry.Name.Length > 0 && !Left().IsMatch(entry.FullName)))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder[entry.FullName])!);
                entry.ExtractToFile(folder[entry.FullName]);
            }
        var official = folder["tiny-imagenet-200"];
        await Distil("pretrain", "generated:1,classes=4,train=20,test=4", folder["teacher"], "--classes", "all", "--model", "wrn-10-1");

        var flat = Path.Combine(official, "train");
        await Distil("distill", "folder:" + flat, folder["flat"], "--teacher", folder["teacher"], "--student", "wrn-10-1");

        var parted = folder["parted"];
        Directory.CreateDirectory(parted);
        Directory.Move(flat, Path.Combine(parted, "train"));
        foreach (var fields in File.ReadLines(Path.Combine(official, "val", "val_annotations.txt")).Select(line => line.Split('\t')))
        {
            Directory.CreateDirectory(Path.Combine(parted, "test", fields[1]));
            File.Move(Path.Combine(official, "val", "images", fields[0]), Path.Combine(parted, "test", fields[1], fields[0]));
        }
        await Distil("distill", "folder:" + parted, folder["parts"], "--teacher", folder["teacher"], "--student", "wrn-10-1");

        File.WriteAllText(Path.Combine(parted, "train", "n02123045", "broken.JPEG"), "not a picture");
        Assert.Contains("n02123045/broken.JPEG is no JPEG",
            await Distil("distill", "folder:" + parted, folder["bad"], 2, "--teacher", folder["teacher"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["bad"]));
        await Distil("distill", "folder:" + parted, folder["skipped"], "--teacher", folder["teacher"], "--student", "wrn-10-1",
            "--skip-bad");
    }

    /// <summary>Training images but the first hundred of each class.</summary>
    [GeneratedRegex(@"/n\d+_\d{3,}\.JPEG$")]
    private static partial Regex Left();

    private static Task<string> Distil(string verb, string data, string output, params string[] args) =>
        Distil(verb, data, output, 0, args);

    private static async Task<string> Distil(string verb, string data, string output, int code, params string[] args)
    {
        string[] epochs = verb == "distill" ? ["--images-per-class", "12", "--epochs1", "1", "--epochs", "1"] : ["--epochs", "1"];
        return (await Run(code, [verb, "--data", data, "--batch", "48", "--out", output, .. epochs, .. args])).Error;
    }
}
