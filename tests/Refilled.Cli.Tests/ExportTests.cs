using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>A student that leaves: exported, made smaller, calibrated, and used on images that nobody labelled.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_student_is_exported_made_smaller_and_names_images()
    {
        await Run(0, "distill", "--data", "generated:0,classes=6,train=20,test=10", "--classes", "0-3", "--method", "student", "--student",
            "wrn-10-1", "--epochs", "2", "--batch", "16", "--threads", "1", "--precision", "fp32", "--out", folder["run"]);
        Assert.True(File.Exists(folder["run", "calibration.json"]));
        var calibrated = Last((await Run(0, "calibrate", folder["run"], "--json")).Output);
        Assert.Equal(40, calibrated.GetProperty("test").GetProperty("images").GetInt32());
        Assert.Equal(20, calibrated.GetProperty("unknown").GetProperty("others").GetInt32());

        var exported = await Run(0, "export", folder["run"], "--int8", "--fp16", "--max-loss", "100",
            "--safetensors", folder["w.safetensors"], "--json");
        var forms = Last(exported.Output).GetProperty("forms").EnumerateArray().ToList();
        Assert.Equal(["fp32", "fp16", "int8"], forms.Select(form => form.GetProperty("name").GetString()));
        Assert.All(forms, form => Assert.Equal(40, form.GetProperty("images").GetInt32()));
        // The exported network is right as often as the network itself.
        var evaluated = Last((await Run(0, "evaluate", folder["run"], "--json")).Output);
        Assert.Equal(evaluated.GetProperty("top1").GetDouble(), forms[0].GetProperty("accuracy").GetDouble());
        Assert.True(File.Exists(folder["w.safetensors"]));

        Directory.CreateDirectory(folder["photos"]);
        for (var i = 0; i < 5; i++) File.WriteAllBytes(folder["photos", $"{i}.png"], MadeUpFiles.Picture(i, 40, 30));
        folder.Write("photos/bad.jpg", "no image");
        var own = await Run(0, "predict", folder["run"], folder["photos"], "--top", "4", "--format", "csv");
        var rows = own.Output.TrimEnd().Split('\n');
        Assert.Equal("image,rank,class,probability", rows[0]);
        Assert.Equal(20, rows.Length - 1);
        Assert.Contains("bad.jpg", own.Error, StringComparison.Ordinal);
        foreach (var image in rows.Skip(1).GroupBy(row => row.Split(',')[0]))
            Assert.Equal(1, image.Sum(row => double.Parse(row.Split(',')[^1], System.Globalization.CultureInfo.InvariantCulture)), 1e-3);

        // The exported one says the same.
        var other = await Run(0, "predict", folder["run", "student.onnx"], folder["photos"], "--top", "4", "--format", "csv");
        foreach (var (a, b) in rows.Skip(1).Zip(other.Output.TrimEnd().Split('\n').Skip(1)))
        {
            Assert.Equal(a.Split(',')[..3], b.Split(',')[..3]);
            Assert.Equal(double.Parse(a.Split(',')[3], System.Globalization.CultureInfo.InvariantCulture),
                double.Parse(b.Split(',')[3], System.Globalization.CultureInfo.InvariantCulture), 2e-3);
        }
        foreach (var network in new[] { folder["run"], folder["run", "student.onnx"] })
        {
            var asked = await Run(0, "predict", network, folder["photos"], "--unknown", "0.9", "--format", "jsonl");
            Assert.Contains("none of these: below a probability of", asked.Error, StringComparison.Ordinal);
            Assert.All(asked.Output.TrimEnd().Split('\n'), line => Assert.Contains("\"noneOfThese\":", line, StringComparison.Ordinal));
        }
        Assert.Contains("--unknown must be above 0", (await Run(2, "predict", folder["run"], folder["photos"], "--unknown", "2")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_loses_clearly_too_much_is_refused()
    {
        await Run(0, "distill", "--data", "generated:0,classes=6,train=20,test=10", "--classes", "0-3", "--method", "student", "--student",
            "wrn-10-1", "--epochs", "1", "--batch", "16", "--threads", "1", "--precision", "fp32", "--out", folder["run"]);
        // Any loss is too much where it must be negative.
        var refused = await Run(1, "export", folder["run"], "--fp16", "--max-loss", "-100");
        Assert.Contains("loses clearly more than -100 points", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["run", "student.fp16.onnx"]));
        Assert.True(File.Exists(folder["run", "student.onnx"]));
    }

    [Fact]
    public async Task A_run_without_held_out_images_has_nothing_to_calibrate_on()
    {
        await Run(0, "distill", "--data", "generated:0,classes=4,train=10,test=5", "--method", "student", "--student", "wrn-10-1",
            "--hold-out", "0", "--epochs", "1", "--batch", "16", "--threads", "1", "--precision", "fp32", "--out", folder["run"]);
        Assert.False(File.Exists(folder["run", "calibration.json"]));
        Assert.Contains("--hold-out above 0", (await Run(2, "calibrate", folder["run"])).Error, StringComparison.Ordinal);
        Assert.Contains("is no run folder", (await Run(2, "calibrate", folder["none"])).Error, StringComparison.Ordinal);
        File.WriteAllBytes(folder["one.png"], MadeUpFiles.Picture(1));
        Assert.Contains("were never compared", (await Run(0, "predict", folder["run"], folder["one.png"])).Error, StringComparison.Ordinal);
        Assert.Contains("was never measured", (await Run(2, "predict", folder["run"], folder["one.png"], "--unknown")).Error,
            StringComparison.Ordinal);
    }
}
