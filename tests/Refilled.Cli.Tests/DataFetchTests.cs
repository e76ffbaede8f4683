using System.Security.Cryptography;
using Refilled.Cli.Commands;
using Refilled.Data.Fetch;
using Refilled.Tests.Support;
using static Refilled.Tests.Support.LocalServer;

namespace Refilled.Cli.Tests;

/// <summary><c>refilled data fetch</c> as its user meets it. No server here has the official archives, so
/// what is served under their names is refused for its checksum.</summary>
public sealed class DataFetchTests : IDisposable
{
    private const string Name = "cifar-100-binary.tar.gz";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_with_another_checksum_ends_with_2_and_is_deleted()
    {
        using var server = new LocalServer(asked => Serve(asked, new byte[1000]));
        var run = await Run(2, "data", "fetch", "cifar100", "--to", folder["d"], "--from", server["x"].AbsoluteUri, "--json");
        Assert.Contains("is not the official cifar-100-binary.tar.gz: its MD5 is ede3d3b685b4e137ba4cb2521329a75e, "
            + "the official one 03b5dce01913d631647c71ecec9e9cb8", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{Name}: 0.0 of 0.0 MB (100 %)", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.Empty(Directory.GetFiles(folder["d"]));
    }

    [Fact]
    public async Task A_missing_file_ends_with_1_and_one_line()
    {
        using var server = new LocalServer(_ => new Answer(404, [], []));
        var address = server["x"].AbsoluteUri;
        var run = await Run(1, "data", "fetch", "tiny-imagenet", "--to", folder["d"], "--from", address);
        Assert.Equal($"{address} can't be fetched: the server answered 404 (NotFound).", run.Error.TrimEnd());
    }

    [Fact]
    public async Task What_cannot_be_fetched_ends_with_2()
    {
        Assert.Contains("There is no archive 'cub-200' to fetch. Did you mean 'cub200'?", (await Run(2, "data", "fetch", "cub-200")).Error,
            StringComparison.Ordinal);
        Assert.Contains("is no address", (await Run(2, "data", "fetch", "cub200", "--from", "x", "--to", folder["d"])).Error,
            StringComparison.Ordinal);
        folder.Write("d/CUB_200_2011.tgz", "not it");
        Assert.Contains("is not the official archive", (await Run(2, "data", "fetch", "cub200", "--to", folder["d"])).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_that_is_interrupted_ends_with_130_and_keeps_its_part()
    {
        using var cancel = new CancellationTokenSource();
        using var server = new LocalServer(asked => Serve(asked, new byte[1000]) with { Cut = 500, Silent = true });
        var run = Run(130, cancel.Token, "data", "fetch", "cifar100", "--to", folder["d"], "--from", server["x"].AbsoluteUri);
        while (!run.IsCompleted && !(File.Exists(folder["d", Name + ".part"]) && new FileInfo(folder["d", Name + ".part"]).Length == 500))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        Assert.Contains("the same command goes on from there", (await run).Error, StringComparison.Ordinal);
        Assert.Equal(500, new FileInfo(folder["d", Name + ".part"]).Length);
    }

    [Fact]
    public async Task What_was_fetched_is_shown_with_how_to_use_it()
    {
        var bytes = await File.ReadAllBytesAsync(TinyCifar.Archive(folder["tiny.tar.gz"], TinyCifar.Files()),
            TestContext.Current.CancellationToken);
        using var server = new LocalServer(asked => Serve(asked, bytes));
#pragma warning disable CA5351 // the publishers' checksum
        var archive = OfficialArchives.Find("cifar100") with { Address = server["x"], Md5 = Convert.ToHexStringLower(MD5.HashData(bytes)) };
#pragma warning restore CA5351
        var shown = Last(await Fetch(archive, unpack: true, asJson: true));
        Assert.Equal(["name", "file", "bytes", "md5", "spec", "unpacked"], shown.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("cifar100", folder["d", Name]), (shown.GetProperty("name").GetString(), shown.GetProperty("file").GetString()));
        Assert.Equal((bytes.LongLength, archive.Md5), (shown.GetProperty("bytes").GetInt64(), shown.GetProperty("md5").GetString()));
        Assert.Equal(folder["d", "cifar-100-binary"], shown.GetProperty("unpacked")[0].GetString());
        foreach (var spec in new[] { shown.GetProperty("spec").GetString()!, $"cifar100:{folder["d"]}" })
            Assert.Contains("8 classes", (await Run(0, "data", "inspect", spec)).Output, StringComparison.Ordinal);

        var again = await Fetch(archive, unpack: false, asJson: false);
        Assert.Contains("nothing was downloaded", again.Error, StringComparison.Ordinal);
        Assert.Contains($"use it with: --data cifar100:{folder["d", Name]}", again.Output, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Contains("is there already; move it away",
            (await Assert.ThrowsAsync<InputException>(() => Fetch(archive, unpack: true, asJson: true))).Message, StringComparison.Ordinal);
    }

    private async Task<Printed> Fetch(OfficialArchive archive, bool unpack, bool asJson)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        await DataFetchCommand.RunAsync(new Terminal(output, error, Live: false), archive, folder["d"], unpack, asJson,
            TestContext.Current.CancellationToken);
        return new Printed(output.ToString(), error.ToString());
    }
}
