using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>Two runs of a minute's data, for all tests of what looks at runs.</summary>
public sealed class TrainedRuns : IAsyncLifetime
{
    internal const string Data = "generated:0,classes=6,train=12,test=6";

    internal TemporaryFolder Folder { get; } = new();

    internal string Lkd => Folder["lkd"];

    internal string Student => Folder["student"];

    public async ValueTask InitializeAsync()
    {
        string[] tiny = ["--data", Data, "--batch", "16", "--epochs", "2", "--precision", "fp32"];
        await Run(0, ["pretrain", .. tiny, "--classes", "easy:teacher@0", "--model", "wrn-10-1", "--out", Folder["teacher"]]);
        foreach (var method in new[] { "lkd", "student" })
            await Run(0, ["distill", .. tiny, "--classes", "easy:student@0", "--student", "wrn-10-1", "--method", method,
                .. method == "lkd" ? (string[])["--teacher", Folder["teacher"]] : [], "--out", Folder[method]]);
    }

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
