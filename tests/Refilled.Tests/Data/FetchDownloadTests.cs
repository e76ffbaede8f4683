using System.Security.Cryptography;
using Refilled.Data.Fetch;
using Refilled.Tests.Support;
using static Refilled.Tests.Support.LocalServer;

namespace Refilled.Tests.Data;

public sealed class FetchDownloadTests : IDisposable
{
    private static readonly byte[] Content = Bytes(1, 300_000), Other = Bytes(2, 310_000);

    private readonly TemporaryFolder folder = new();
    private readonly List<DownloadProgress> reports = [];
    private LocalServer? server;

    public void Dispose()
    {
        server?.Dispose();
        folder.Dispose();
    }

    private string Whole => folder["to", "a.tgz"];
    private string Part => Whole + ".part";
    private string Tag => Part + ".etag";

    [Fact]
    public async Task A_file_is_downloaded_checked_and_named()
    {
        var fetched = await Fetch(asked => Serve(asked, Content));
        Assert.Equal(new FetchedArchive(Whole, Content.Length, WasThere: false), fetched);
        Assert.Equal(Content, File.ReadAllBytes(Whole));
        Assert.Equal([Whole], Directory.GetFiles(folder["to"]));
        Assert.Equal((Content.Length, (long?)Content.Length, null), (reports[^1].Done, reports[^1].Total, reports[^1].Trouble));
        Assert.Equal(reports.Select(report => report.Done).Order(), reports.Select(report => report.Done));

        Assert.True((await Fetch(asked => Serve(asked, Content))).WasThere);
        Assert.Empty(server!.Requests);
    }

    [Fact]
    public async Task After_a_cut_only_the_rest_is_asked_for()
    {
        await Fetch(asked => Serve(asked, Content) with { Cut = asked.Number == 0 ? 123_456 : null });
        Assert.Equal(Content, File.ReadAllBytes(Whole));
        Assert.Equal([(null, null), ("bytes=123456-", "\"v1\"")], server!.Requests.Select(asked => (asked.Range, asked.IfRange)));
        Assert.Equal("the connection ended early", Assert.Single(reports, report => report.Trouble is not null).Trouble);
    }

    [Fact]
    public async Task When_all_attempts_fail_the_part_is_kept_and_the_next_call_goes_on()
    {
        // Each attempt brings 100 bytes, and then the connection breaks.
        var error = await Assert.ThrowsAsync<FetchException>(() => Fetch(asked => Serve(asked, Content) with { Cut = 100 }));
        Assert.Equal(4, server!.Requests.Count);
        Assert.Contains("failed 4 times", error.Message, StringComparison.Ordinal);
        Assert.Contains($"400 bytes are kept in '{Part}'; the same command goes on from there", error.Message, StringComparison.Ordinal);
        Assert.Equal(Content[..400], File.ReadAllBytes(Part));
        Assert.False(File.Exists(Whole));

        await Fetch(asked => Serve(asked, Content));
        Assert.Equal(("bytes=400-", "\"v1\""), (server.Requests.Single().Range, server.Requests.Single().IfRange));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
        Assert.Equal([Whole], Directory.GetFiles(folder["to"]));
    }

    [Fact]
    public async Task A_part_without_a_known_version_is_gone_on_with_all_the_same()
    {
        folder.Write("to/a.tgz.part.etag", "not a tag");
        File.WriteAllBytes(Part, Content[..1000]);
        await Fetch(asked => Serve(asked, Content, tag: null));
        Assert.Equal(("bytes=1000-", null), (server!.Requests.Single().Range, server.Requests.Single().IfRange));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task A_date_tells_versions_apart_where_there_is_no_strong_tag()
    {
        const string date = "Tue, 01 Sep 2020 10:00:00 GMT";
        await Fetch(asked => (asked.Number == 0
            ? Serve(asked, Content, "W/\"weak\"") with { Cut = 10 } : Serve(asked with { IfRange = null }, Content, null)) is var reply
            ? reply with { Headers = [.. reply.Headers, $"Last-Modified: {date}"] } : reply);
        Assert.Equal(("bytes=10-", date), (server!.Requests.Last().Range, server.Requests.Last().IfRange));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_all_again()
    {
        await Fetch(asked => new Answer(200, Content, [], Cut: asked.Number == 0 ? 5000 : null));
        Assert.Equal(["bytes=5000-"], server!.Requests.Skip(1).Select(asked => asked.Range));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // a server that doesn't know If-Range sends a part of the new file
    public async Task A_file_that_changed_midway_is_begun_anew(bool knowsIfRange)
    {
        await Fetch(asked => asked.Number == 0 ? Serve(asked, Other, "\"old\"") with { Cut = 5000 }
            : Serve(knowsIfRange ? asked : asked with { IfRange = null }, Content, "\"new\""));
        Assert.Equal(knowsIfRange ? 2 : 3, server!.Requests.Count);
        Assert.Equal(("bytes=5000-", "\"old\""), (server.Requests.ElementAt(1).Range, server.Requests.ElementAt(1).IfRange));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Theory]
    [InlineData("Content-Range: bytes 7-299999/300000")]
    [InlineData("Content-Range: bytes */300000")]
    [InlineData("Content-Type: multipart/byteranges; boundary=x")]
    public async Task A_part_that_was_not_asked_for_is_not_appended(string header)
    {
        Directory.CreateDirectory(folder["to"]);
        File.WriteAllBytes(Part, Content[..1000]);
        await Fetch(asked => asked.Range is null ? Serve(asked, Content) : new Answer(206, Content[7..], [header]));
        Assert.Equal(["bytes=1000-", null], server!.Requests.Select(asked => asked.Range));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_part_as_long_as_the_file_is_checked_and_begun_anew_if_it_is_bad(bool good, int requests)
    {
        Directory.CreateDirectory(folder["to"]);
        File.WriteAllBytes(Part, good ? Content : Other);
        await Fetch(asked => Serve(asked, Content));
        Assert.Equal(requests, server!.Requests.Count);
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task A_wrong_checksum_deletes_what_came()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(asked => Serve(asked, Other)));
        Assert.Contains($"its MD5 is {Md5(Other)}, the official one {Md5(Content).ToUpperInvariant()}", error.Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["to"]));
    }

    [Fact]
    public async Task A_bad_file_of_that_name_is_left_alone()
    {
        folder.Write("to/a.tgz", "the user's own");
        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(asked => Serve(asked, Content)));
        Assert.Contains($"'{Whole}' is there, but it is not the official archive", error.Message, StringComparison.Ordinal);
        Assert.Empty(server!.Requests);
        Assert.Equal("the user's own", File.ReadAllText(Whole));
    }

    [Fact]
    public async Task A_missing_file_is_not_asked_for_twice()
    {
        var error = await Assert.ThrowsAsync<FetchException>(() => Fetch(_ => new Answer(404, [], [])));
        Assert.Equal($"{server!["a"]} can't be fetched: the server answered 404 (NotFound).", error.Message);
        Assert.Single(server.Requests);
        Assert.Empty(Directory.GetFiles(folder["to"]));
    }

    [Fact]
    public async Task A_refusal_keeps_the_part()
    {
        Directory.CreateDirectory(folder["to"]);
        File.WriteAllBytes(Part, Content[..1000]);
        await Assert.ThrowsAsync<FetchException>(() => Fetch(_ => new Answer(403, [], [])));
        Assert.Equal(Content[..1000], File.ReadAllBytes(Part));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        await Fetch(asked => asked.Number < 2 ? new Answer(asked.Number == 0 ? 503 : 429, [], []) : Serve(asked, Content));
        Assert.Equal(3, server!.Requests.Count);
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task Redirects_are_followed_with_the_range()
    {
        Directory.CreateDirectory(folder["to"]);
        File.WriteAllBytes(Part, Content[..1000]);
        await Fetch(asked => asked.Path == "/a" ? new Answer(302, [], ["Location: /b"]) : Serve(asked, Content));
        Assert.Equal([("/a", "bytes=1000-"), ("/b", "bytes=1000-")], server!.Requests.Select(asked => (asked.Path, asked.Range)));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task A_redirect_without_end_says_where_it_leads()
    {
        var error = await Assert.ThrowsAsync<FetchException>(() => Fetch(_ => new Answer(302, [], ["Location: /a"])));
        Assert.Contains("leads on to /a, where it isn't followed (302 (Found))", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_connection_counts_as_broken()
    {
        await Fetch(asked => asked.Number < 2 ? Serve(asked, Content) with { Cut = 100, Silent = true } : Serve(asked, Content),
            patience: TimeSpan.FromSeconds(2));
        Assert.Equal([null, "bytes=100-", "bytes=200-"], server!.Requests.Select(asked => asked.Range));
        Assert.Equal(2, reports.Count(report => report.Trouble?.StartsWith("nothing came for", StringComparison.Ordinal) == true));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
    }

    [Fact]
    public async Task A_cancelled_download_is_kept()
    {
        using var cancel = new CancellationTokenSource();
        var fetch = Fetch(asked => Serve(asked, Content) with { Cut = 200_000, Silent = true },
            report: now => { if (now.Done == 200_000) cancel.Cancel(); }, cancel: cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(Content[..200_000], File.ReadAllBytes(Part));
        Assert.Equal("\"v1\"", File.ReadAllText(Tag));
        await Fetch(asked => Serve(asked, Content));
        Assert.Equal("bytes=200000-", server!.Requests.Single().Range);
    }

    [Fact]
    public async Task A_wait_for_the_next_attempt_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var fetch = Fetch(_ => new Answer(503, [], []), report: _ => cancel.Cancel(),
            waits: [TimeSpan.FromMinutes(10)], cancel: cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    [Fact]
    public async Task More_bytes_than_promised_are_refused()
    {
        Directory.CreateDirectory(folder["to"]);
        File.WriteAllBytes(Part, Content[..1000]);
        var error = await Assert.ThrowsAsync<FetchException>(
            () => Fetch(asked => new Answer(206, Content[1000..], ["Content-Range: bytes 1000-1999/2000"], Length: -1)));
        Assert.Contains("sent more than 2000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["to"]));
    }

    [Fact]
    public async Task A_length_is_not_needed_but_a_flood_is_refused()
    {
        await Fetch(_ => new Answer(200, Content, [], Length: -1));
        Assert.Equal(Content, File.ReadAllBytes(Whole));
        Assert.Equal(12345, reports[0].Total); // the table's, where the server tells nothing

        File.Delete(Whole);
        var error = await Assert.ThrowsAsync<FetchException>(() => Fetch(_ => new Answer(200, Content, [], Length: -1), largest: 299_999));
        Assert.Contains("sent more than 299999 bytes", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["to"]));

        error = await Assert.ThrowsAsync<FetchException>(() => Fetch(_ => new Answer(200, [], [], Length: (64L << 30) + 1, Silent: true)));
        Assert.Contains("says that it has 68719476737 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_that_do_not_answer_fail_at_once()
    {
        using (var gone = new LocalServer(_ => throw new InvalidOperationException())) server = gone;
        var refused = await Assert.ThrowsAsync<FetchException>(() => Fetch(server["a"]));
        Assert.StartsWith($"{server["a"]} can't be reached: ", refused.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<FetchException>(() => Fetch(new Uri("http://no-such-host.invalid/a")));
        Assert.StartsWith("http://no-such-host.invalid/a can't be reached: ", unknown.Message, StringComparison.Ordinal);
        Assert.Empty(reports);
        server = null;
    }

    [Fact]
    public async Task A_server_that_speaks_no_tls_is_named()
    {
        server = new LocalServer(asked => Serve(asked, Content));
        var error = await Assert.ThrowsAsync<FetchException>(
            () => Fetch(new Uri(server["a"].AbsoluteUri.Replace("http:", "https:", StringComparison.Ordinal))));
        Assert.Contains("can't be reached securely: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_that_cannot_be_written_are_refused()
    {
        folder.Write("to", "a file");
        Assert.Contains("can't be written", (await Assert.ThrowsAsync<InputException>(() => Fetch(asked => Serve(asked, Content)))).Message,
            StringComparison.Ordinal);
        File.Delete(folder["to"]);
        Directory.CreateDirectory(Whole);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<InputException>(() => Fetch(asked => Serve(asked, Content)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_downloads_of_one_file_do_not_meet()
    {
        using var held = PartFile.Open(Whole);
        Assert.Contains("can't be written", (await Assert.ThrowsAsync<InputException>(() => Fetch(asked => Serve(asked, Content)))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://x/a", "begins with http:// or https://")]
    [InlineData("file:///etc/passwd", "begins with http:// or https://")]
    [InlineData("http://me:secret@x/a", "An address with a user name can't be used; 'x'")]
    public async Task Other_addresses_are_refused(string address, string message)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(new Uri(address)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_are_found_by_name()
    {
        Assert.Equal(["cifar100", "cub200", "tiny-imagenet"], OfficialArchives.Names);
        Assert.All(OfficialArchives.Names, name => Assert.Matches("^[0-9a-f]{32}$", OfficialArchives.Find(name).Md5));
        var error = Assert.Throws<InputException>(() => OfficialArchives.Find("cifar10"));
        Assert.Equal("There is no archive 'cifar10' to fetch. Did you mean 'cifar100'? Known: cifar100, cub200, tiny-imagenet.",
            error.Message);
    }

    private Task<FetchedArchive> Fetch(Func<Asked, Answer> answer, TimeSpan? patience = null, TimeSpan[]? waits = null,
        long largest = 64L << 30,
        Action<DownloadProgress>? report = null, CancellationToken cancel = default)
    {
        server?.Dispose();
        server = new LocalServer(answer);
        return Fetch(server["a"], patience, waits, largest, report, cancel);
    }

    private async Task<FetchedArchive> Fetch(Uri address, TimeSpan? patience = null, TimeSpan[]? waits = null, long largest = 64L << 30,
        Action<DownloadProgress>? report = null, CancellationToken cancel = default)
    {
        reports.Clear();
        using var download = new Download { Waits = waits ?? [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero], Patience = patience
            ?? TimeSpan.FromSeconds(30), Largest = largest };
        // A size that is wrong: nothing may depend on it.
        return await download.RunAsync(new OfficialArchive("a", address, "a.tgz", Md5(Content).ToUpperInvariant(), 12345), folder["to"],
            new Recorder(reports, report), cancel);
    }

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

#pragma warning disable CA5351 // the publishers' checksum
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    private sealed class Recorder(List<DownloadProgress> reports, Action<DownloadProgress>? then) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            reports.Add(value);
            then?.Invoke(value);
        }
    }
}
